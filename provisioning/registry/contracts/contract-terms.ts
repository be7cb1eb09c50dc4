import { encode } from "../../../proto/codec.ts";
import type { Crypto } from "../../../proto/crypto.ts";
import { jurisdictionOf } from "../../../proto/jurisdiction.ts";
import { objectionsToTerms } from "../../../proto/terms-floor.ts";
import { presetOf } from "../../../proto/terms-presets.ts";
import { wire } from "../../../proto/wire.ts";
import type { ConsentInput, Level, TermsInput } from "../api.ts";
import { type Refusal, refusal } from "../refusal.ts";

const DAY = 24 * 3600;
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

/** What terms say that no request chooses. */
export interface TermsSubject {
	readonly contractId: string;
	readonly lenderId: string;
	readonly publicUrl: string;
	/** 32 bytes, or none. */
	readonly releaseDigest: Uint8Array;
}

/**
 * Writes terms and the consent to them, defaults filled in.
 *
 * @throws {Refusal} BAD_REQUEST for what the schema cannot see: order of dates, addresses, languages.
 */
export function encodeTerms(
	crypto: Pick<Crypto, "sha256">,
	subject: TermsSubject,
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

/** What the request leaves out is the preset's of its jurisdiction. */
function completeTerms({ contractId, lenderId, publicUrl, releaseDigest }: TermsSubject, input: TermsInput) {
	const { ladder, notices, offline, passes, contact, observations } = input;
	const jurisdiction = input.jurisdiction ?? "default";
	const preset = presetOf(jurisdiction);
	if (!preset) throw invalid(`there is no jurisdiction profile ${jurisdiction}`);
	const levelOr = (level: Level | undefined, otherwise: wire.RestrictionLevel) => (level ? wireLevel(level) : otherwise);
	return {
		contractId,
		lenderId,
		lenderName: input.lenderName,
		accountShown: input.accountShown,
		currency: input.currency,
		instalments: input.instalments,
		ladder: {
			graceSeconds: ladder?.graceSeconds ?? preset.ladder.graceSeconds,
			limitedDwellSeconds: ladder?.limitedDwellSeconds ?? preset.ladder.limitedDwellSeconds,
			maxLevel: levelOr(ladder?.maxLevel, preset.ladder.maxLevel),
		},
		notices: notices ?? preset.notices,
		offline: {
			budgetSeconds: offline?.budgetSeconds ?? preset.offline.budgetSeconds,
			warnAtRemainingSeconds: offline?.warnAtRemainingSeconds ?? preset.offline.warnAtRemainingSeconds,
			level: levelOr(offline?.level, preset.offline.level),
		},
		passes: passes ?? preset.passes,
		...(observations
			? {
					observations: {
						onSimChange: wireLevel(observations.onSimChange ?? "none"),
						onAttestationChange: wireLevel(observations.onAttestationChange ?? "none"),
					},
				}
			: {}),
		contact: {
			supportPhone: contact.supportPhone,
			supportUrl: contact.supportUrl ?? "",
			payUrl: contact.payUrl ?? "",
			payInstructions: contact.payInstructions ?? "",
			disputeUrl: contact.disputeUrl ?? "",
		},
		languages: input.languages ?? ["en"],
		releaseDigest,
		jurisdiction,
		deadLenderReleaseSeconds: input.deadLenderReleaseSeconds ?? preset.deadLenderReleaseSeconds,
		unconfirmedReleaseSeconds: input.unconfirmedReleaseSeconds ?? preset.unconfirmedReleaseSeconds,
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
		[terms.languages.includes(consent.language), "the consent is in a language that the terms do not name"],
		[
			isDeviceUrl(terms.checkInUrl),
			"the check-in address is neither https nor http on loopback; set checkInUrl or the registry's public URL",
		],
		[
			[terms.contact.supportUrl, terms.contact.payUrl, terms.contact.disputeUrl].every(isWebUrlOrEmpty),
			"a contact address is not https",
		],
	];
	const profile = jurisdictionOf(terms.jurisdiction);
	const belowFloor = profile ? objectionsToTerms(terms, profile).map(({ rule, why }) => `${rule}: ${why} (${profile.id})`) : [];
	const broken = [...rules.flatMap(([holds, problem]) => (holds ? [] : [problem])), ...belowFloor];
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
