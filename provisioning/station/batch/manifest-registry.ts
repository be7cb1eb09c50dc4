import { imeiTail } from "../../../proto/imei.ts";
import type { Manifest } from "./manifest.ts";
import { type ManifestError, manifestError } from "./manifest-error.ts";

/** What the registry says of a contract: its state (`open` or why not) and the IMEIs that it names, if any. */
export interface KnownContract {
	readonly state: string;
	readonly imeis: readonly string[];
}

/** Asks the registry for contracts; those that it does not know are missing from the answer. Has its own deadline. */
export type ContractLookup = (contractIds: readonly string[]) => Promise<ReadonlyMap<string, KnownContract>>;

/** Contracts that are asked for at once. */
const BATCH = 200;

/**
 * What the registry has against a manifest: contracts that it does not know, that are closed, or that name another phone. Empty when
 * there is nothing.
 *
 * @throws whatever `lookup` throws, such as REGISTRY_UNREACHABLE: then nothing is known.
 */
export async function checkAgainstRegistry({ units, columns }: Manifest, lookup: ContractLookup): Promise<ManifestError[]> {
	const errors: ManifestError[] = [];
	for (let start = 0; start < units.length; start += BATCH) {
		const asked = units.slice(start, start + BATCH);
		const known = await lookup(asked.map(({ contractId }) => contractId));
		for (const { contractId, imeis, row } of asked) {
			const contract = known.get(contractId);
			const place = { row, column: columns.contract };
			if (!contract) errors.push(manifestError("contract-unknown", place, contractId));
			else if (contract.state !== "open") errors.push(manifestError("contract-closed", place, contractId, contract.state));
			else if (contract.imeis.length > 0) {
				const other = imeis.find((imei) => !contract.imeis.includes(imei));
				if (other === undefined) continue;
				const tails = contract.imeis.map(imeiTail).join(", …");
				const column = imeis.indexOf(other) === 0 ? columns.imei : (columns.imei2 ?? columns.imei);
				errors.push(manifestError("contract-other-imei", { row, column }, other, tails));
			}
		}
	}
	return errors;
}
