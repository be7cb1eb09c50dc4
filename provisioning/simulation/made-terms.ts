import { encode } from "../../proto/codec.ts";
import { presetOf } from "../../proto/terms-presets.ts";
import { wire } from "../../proto/wire.ts";
import type { MadeTerms } from "./scenario.ts";

const DAY = 24 * 3600;

/** Names that stand in a made-up contract. */
export const SIMULATED_CONTRACT = { contractId: "SIM-1", lenderId: "simulated-lender", lenderName: "Example Credit" } as const;

/** The bytes of a made-up contract: its place's preset, and what the scenario says. */
export function madeTerms(terms: MadeTerms, startsAtUnixSeconds: number, releaseDigest: Uint8Array): Uint8Array {
	const preset = presetOf(terms.jurisdiction);
	if (!preset) throw new RangeError(`no preset for ${terms.jurisdiction}`); // the schema names only places that have one
	const { ladder, notices, offline, passes, deadLenderReleaseSeconds, unconfirmedReleaseSeconds } = preset;
	const dues = Array.from({ length: terms.instalments }, (_, index) => startsAtUnixSeconds + (index + 1) * terms.everyDays * DAY);
	return encode(wire.Terms, {
		...SIMULATED_CONTRACT,
		accountShown: "00-1001",
		currency: terms.currency,
		instalments: dues.map((dueAtUnixSeconds) => ({ dueAtUnixSeconds, amountMinor: terms.amountMinor })),
		ladder,
		notices,
		offline,
		passes,
		contact: {
			supportPhone: "+15555550100",
			supportUrl: "https://lender.example/help",
			payUrl: "https://lender.example/pay",
			payInstructions: "",
			disputeUrl: "https://lender.example/dispute",
		},
		languages: [terms.language],
		jurisdiction: terms.jurisdiction,
		releaseDigest,
		deadLenderReleaseSeconds,
		unconfirmedReleaseSeconds,
		initialPaidUntilUnixSeconds: dues[0] ?? 0,
		checkInUrl: "https://lender.example/",
		essentialPackages: [],
	});
}
