import type { StartedStation } from "../../station/start-station.ts";
import type { Unit } from "../../station/unit.ts";
import type { CommandContext } from "../context.ts";

/** Most contracts that are named in a line. */
const MOST_NAMED = 5;

/** Fetches vouchers before the work begins, and says for what there is none. */
export async function fetchAhead(
	{ output, signal }: CommandContext,
	{ road, log }: StartedStation,
	units: readonly Unit[],
	wanted: number | true,
): Promise<void> {
	const open = units.filter(({ contractId }) => log.state.units.get(contractId)?.standing !== "pass");
	const some = wanted === true ? open : open.slice(0, wanted);
	const { ready, of, impossible, elsewhere, refused, stopped, firstExpiresAtMs } = await road.fetchVouchers(
		some,
		() => {},
		signal,
	);
	const until =
		firstExpiresAtMs === undefined ? "" : `, the first until ${new Date(firstExpiresAtMs).toISOString().slice(0, 16)}Z`;
	output.note(`Vouchers: ${ready} of ${of}${until}.`);
	const named = (contracts: readonly { readonly contractId: string }[]) =>
		contracts
			.slice(0, MOST_NAMED)
			.map(({ contractId }) => contractId)
			.join(", ") + (contracts.length > MOST_NAMED ? ` and ${contracts.length - MOST_NAMED} more` : "");
	if (impossible.length > 0)
		output.note(`Without a voucher, because the manifest does not tell serial and both IMEIs: ${named(impossible)}.`);
	if (elsewhere.length > 0) output.note(`Another station works on: ${named(elsewhere)}.`);
	if (refused.length > 0) output.note(`The registry gives none for: ${named(refused)}.`);
	if (stopped) output.note(`${stopped.code}: ${stopped.meaning} Start again to fetch the rest.`);
}
