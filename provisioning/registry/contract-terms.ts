import { encode } from "../../proto/codec.ts";
import type { Crypto } from "../../proto/crypto.ts";
import { wire } from "../../proto/wire.ts";
import type { ConsentInput, Level, TermsInput } from "./api.ts";
import { type Refusal, refusal } from "./refusal.ts";

const HOUR = 3600;
const DAY = 24 * HOUR;
/** As the agent: an Extend may go this far past the last due date, and so may the first period. */
export const MAX_EXTENSION_SECONDS = 400 * DAY;

const LEVELS: Readonly<Record<Level, wire.RestrictionLevel>> = {
	none: wire.RestrictionLevel.RESTRICTION_LEVEL_NONE,
	limited: wire.RestrictionLevel.RESTRICTION_LEVEL_LIMITED,
	full: wire.RestrictionLevel.RESTRICTION_LEVEL_FULL,
};

export function wireLevel(level: Level): wire.RestrictionLevel {
	return LEVELS[level];
}

/** Terms and consent in the bytes that will be signed for. */
export interface EncodedTerms {
	readonly terms: Uint8Array;
	readonly termsSha256: Uint8Array;
	readonly consent: Uint8Array;
	readonly consentSha256: Uint8Array;
}

/**
 * Writes terms and the consent to them, defaults filled in.
 *
 * @throws {Refusal} BAD_REQUEST for what the schema cannot see: order of dates, addresses, languages.
 */
export function encodeTerms(
	crypto: Pick<Crypto, "sha256">,
	subject: { contractId: string; lenderId: string; publicUrl: string },
	input: TermsInput,
	consentInput: ConsentInput,
): EncodedTerms {
	const complete = completeTerms(subject, input);
	requireSense(complete, consentInput);
	const terms = encode(wire.Terms, complete);
	const termsSha256 = crypto.sha256(terms);
	const consent = encode(wire.Consent, {
		termsSha256,
		language: consentInput.language,
		givenAtUnixSeconds: consentInput.givenAtUnixSeconds,
		method:
			consentInput.method === "on_device"
				? wire.ConsentMethod.CONSENT_METHOD_ON_DEVICE
				: wire.ConsentMethod.CONSENT_METHOD_DOCUMENT,
		recordSha256: Buffer.from(consentInput.recordSha256 ?? "", "hex"),
	});
	return { terms, termsSha256, consent, consentSha256: crypto.sha256(consent) };
}

type CompleteTerms = ReturnType<typeof completeTerms>;

/** Defaults keep the floor of every profile but those that ask for more by name (see the agent's jurisdictions). */
function completeTerms(
	{ contractId, lenderId, publicUrl }: { contractId: string; lenderId: string; publicUrl: string },
	input: TermsInput,
) {
	const { ladder, notices, offline, passes, contact } = input;
	return {
		contractId,
		lenderId,
		lenderName: input.lenderName,
		accountShown: input.accountShown,
		currency: input.currency,
		instalments: input.instalments,
		ladder: {
			graceSeconds: ladder?.graceSeconds ?? 5 * DAY,
			limitedDwellSeconds: ladder?.limitedDwellSeconds ?? 2 * DAY,
			maxLevel: wireLevel(ladder?.maxLevel ?? "full"),
		},
		notices: notices ?? { count: 3, minSpacingSeconds: DAY, minChannels: 2 },
		offline: {
			budgetSeconds: offline?.budgetSeconds ?? 30 * DAY,
			warnAtRemainingSeconds: offline?.warnAtRemainingSeconds ?? [10 * DAY, 5 * DAY, DAY],
			level: wireLevel(offline?.level ?? "limited"),
		},
		passes: passes ?? { perYear: 4, durationSeconds: 48 * HOUR },
		contact: {
			supportPhone: contact.supportPhone,
			supportUrl: contact.supportUrl ?? "",
			payUrl: contact.payUrl ?? "",
			payInstructions: contact.payInstructions ?? "",
			disputeUrl: contact.disputeUrl ?? "",
		},
		languages: input.languages ?? ["en"],
		jurisdiction: input.jurisdiction ?? "default",
		deadLenderReleaseSeconds: input.deadLenderReleaseSeconds ?? 90 * DAY,
		unconfirmedReleaseSeconds: input.unconfirmedReleaseSeconds ?? 7 * DAY,
		...(input.quietHours === undefined ? {} : { quietHours: input.quietHours }),
		initialPaidUntilUnixSeconds: input.initialPaidUntilUnixSeconds ?? input.instalments[0]?.dueAtUnixSeconds ?? 0,
		checkInUrl: input.checkInUrl ?? publicUrl,
		essentialPackages: input.essentialPackages ?? [],
	};
}

/** What a phone would refuse at the counter is refused here, where it can still be put right. */
function requireSense(terms: CompleteTerms, consent: ConsentInput): void {
	const dues = terms.instalments.map(({ dueAtUnixSeconds }) => dueAtUnixSeconds);
	const lastDue = dues.at(-1) ?? 0;
	const rules: readonly [boolean, string][] = [
		[isAscending(dues), "instalments are not in order of their due dates"],
		[terms.initialPaidUntilUnixSeconds > 0, "initial paid-until is missing"],
		[
			terms.initialPaidUntilUnixSeconds <= lastDue + MAX_EXTENSION_SECONDS,
			"initial paid-until is more than 400 days past the last due date",
		],
		[
			isAscending([...terms.offline.warnAtRemainingSeconds].reverse()),
			"offline warnings are not from the longest to the shortest",
		],
		[terms.offline.warnAtRemainingSeconds.every((seconds) => seconds > 0), "an offline warning with nothing remaining"],
		[terms.offline.level <= terms.ladder.maxLevel, "the offline lock goes above the ladder's highest level"],
		[terms.languages.includes(consent.language), "the consent is in a language that the terms do not name"],
		[
			isDeviceUrl(terms.checkInUrl),
			"the check-in address is neither https nor http on loopback; set checkInUrl or the registry's public URL",
		],
		[
			[terms.contact.supportUrl, terms.contact.payUrl, terms.contact.disputeUrl].every(isWebUrlOrEmpty),
			"a contact address is not https",
		],
		[terms.deadLenderReleaseSeconds > 0, "a phone must free itself some time after a lender is gone"],
	];
	const broken = rules.flatMap(([holds, problem]) => (holds ? [] : [problem]));
	if (broken.length > 0) throw invalid(broken.join("; "));
}

function invalid(detail: string): Refusal {
	return refusal("BAD_REQUEST", `The terms cannot stand: ${detail}.`, "Correct the contract and send it again.");
}

function isAscending(values: readonly number[]): boolean {
	return values.every((value, index) => value > (values[index - 1] ?? Number.NEGATIVE_INFINITY));
}

/** As the agent reads it: it never speaks in the clear over a network. */
function isDeviceUrl(url: string): boolean {
	return (
		/^https:\/\/[A-Za-z0-9.-]+(:\d{1,5})?(\/[^\s#?]*)?$/.test(url) ||
		/^http:\/\/(127(\.\d{1,3}){3}|localhost|\[::1\])(:\d{1,5})?(\/[^\s#?]*)?$/.test(url)
	);
}

function isWebUrlOrEmpty(url: string): boolean {
	return url === "" || (/^https:\/\//.test(url) && URL.canParse(url));
}
