import { decode } from "../../../proto/codec.ts";
import { jurisdictionOf, type ProtectedService } from "../../../proto/jurisdiction.ts";
import { presetOf } from "../../../proto/terms-presets.ts";
import { wire } from "../../../proto/wire.ts";
import type { ContractRequest } from "../../registry/contracts/contract-request.ts";

/** What a contract says of the phone, as the borrower is shown it. Times in seconds since 1970-01-01T00:00:00Z, durations in seconds. */
export interface TermsView {
	readonly lenderName: string;
	readonly accountShown: string;
	readonly currency: string;
	readonly instalments: readonly { readonly dueAt: number; readonly amountMinor: number }[];
	readonly paidUntil: number;
	readonly graceSeconds: number;
	readonly limitedSeconds: number;
	readonly maxLevel: LevelName;
	readonly noticeCount: number;
	readonly noticeSpacingSeconds: number;
	/** 0: the phone is never locked for having no contact. */
	readonly offlineSeconds: number;
	readonly offlineLevel: LevelName;
	readonly passesPerYear: number;
	readonly passSeconds: number;
	readonly deadLenderSeconds: number;
	/** What follows, after warnings, from another SIM, and from a phone that answers for itself in another way than at the sale. */
	readonly simLevel: LevelName;
	readonly attestationLevel: LevelName;
	/** Local hours without a new lock, in minutes after midnight. */
	readonly quiet: { readonly startMinute: number; readonly endMinute: number } | undefined;
	readonly supportPhone: string;
	readonly payUrl: string;
	readonly disputeUrl: string;
	readonly jurisdiction: string;
	/** What stays usable at every level. */
	readonly neverRestricted: readonly ProtectedService[];
	readonly languages: readonly string[];
}

export type LevelName = "none" | "limited" | "full";

/** How and when the borrower agreed. */
export interface ConsentView {
	readonly language: string;
	readonly givenAt: number;
	readonly method: "on_device" | "document";
}

/** Reads terms from the bytes that the phone is given. @throws {ProtocolError}. */
export function termsViewOf(bytes: Uint8Array): TermsView {
	const terms = decode(wire.Terms, bytes);
	const { contact, ladder, notices, offline, passes } = terms;
	return {
		lenderName: terms.lenderName,
		accountShown: terms.accountShown,
		currency: terms.currency,
		instalments: terms.instalments.map(({ dueAtUnixSeconds, amountMinor }) => ({ dueAt: dueAtUnixSeconds, amountMinor })),
		paidUntil: terms.initialPaidUntilUnixSeconds,
		graceSeconds: ladder?.graceSeconds ?? 0,
		limitedSeconds: ladder?.limitedDwellSeconds ?? 0,
		maxLevel: nameOf(ladder?.maxLevel),
		noticeCount: notices?.count ?? 0,
		noticeSpacingSeconds: notices?.minSpacingSeconds ?? 0,
		offlineSeconds: offline?.budgetSeconds ?? 0,
		offlineLevel: nameOf(offline?.level),
		passesPerYear: passes?.perYear ?? 0,
		passSeconds: passes?.durationSeconds ?? 0,
		deadLenderSeconds: terms.deadLenderReleaseSeconds,
		simLevel: nameOf(terms.observations?.onSimChange),
		attestationLevel: nameOf(terms.observations?.onAttestationChange),
		quiet: quietOf(terms.quietHours, terms.jurisdiction),
		supportPhone: contact?.supportPhone ?? "",
		payUrl: contact?.payUrl ?? "",
		disputeUrl: contact?.disputeUrl ?? "",
		jurisdiction: terms.jurisdiction,
		neverRestricted: jurisdictionOf(terms.jurisdiction)?.neverRestricted ?? [],
		languages: terms.languages,
	};
}

/** Reads a consent from the bytes that the phone is given. @throws {ProtocolError}. */
export function consentViewOf(bytes: Uint8Array): ConsentView {
	const { language, givenAtUnixSeconds, method } = decode(wire.Consent, bytes);
	const isOnDevice = method === wire.ConsentMethod.CONSENT_METHOD_ON_DEVICE;
	return { language, givenAt: givenAtUnixSeconds, method: isOnDevice ? "on_device" : "document" };
}

/**
 * What a contract that is not entered yet will say: the request, and the preset of its place for what it leaves out. Once it is
 * entered, {@link termsViewOf} must give the same.
 */
export function termsViewOfRequest({ terms }: Pick<ContractRequest, "terms">): TermsView {
	const jurisdiction = terms.jurisdiction ?? "default";
	const preset = presetOf(jurisdiction);
	if (!preset) throw new RangeError(`there is no jurisdiction ${jurisdiction}`);
	const { contact, ladder, notices, offline, passes } = terms;
	return {
		lenderName: terms.lenderName,
		accountShown: terms.accountShown,
		currency: terms.currency,
		instalments: terms.instalments.map(({ dueAtUnixSeconds, amountMinor }) => ({ dueAt: dueAtUnixSeconds, amountMinor })),
		paidUntil: terms.initialPaidUntilUnixSeconds ?? terms.instalments[0]?.dueAtUnixSeconds ?? 0,
		graceSeconds: ladder?.graceSeconds ?? preset.ladder.graceSeconds,
		limitedSeconds: ladder?.limitedDwellSeconds ?? preset.ladder.limitedDwellSeconds,
		maxLevel: ladder?.maxLevel ?? nameOf(preset.ladder.maxLevel),
		noticeCount: notices?.count ?? preset.notices.count,
		noticeSpacingSeconds: notices?.minSpacingSeconds ?? preset.notices.minSpacingSeconds,
		offlineSeconds: offline?.budgetSeconds ?? preset.offline.budgetSeconds,
		offlineLevel: offline?.level ?? nameOf(preset.offline.level),
		passesPerYear: passes?.perYear ?? preset.passes.perYear,
		passSeconds: passes?.durationSeconds ?? preset.passes.durationSeconds,
		deadLenderSeconds: terms.deadLenderReleaseSeconds ?? preset.deadLenderReleaseSeconds,
		simLevel: terms.observations?.onSimChange ?? "none",
		attestationLevel: terms.observations?.onAttestationChange ?? "none",
		quiet: quietOf(terms.quietHours, jurisdiction),
		supportPhone: contact.supportPhone,
		payUrl: contact.payUrl ?? "",
		disputeUrl: contact.disputeUrl ?? "",
		jurisdiction,
		neverRestricted: jurisdictionOf(jurisdiction)?.neverRestricted ?? [],
		languages: terms.languages ?? ["en"],
	};
}

/** The terms' own hours, else those of the place. */
function quietOf(hours: { startMinute: number; endMinute: number } | null | undefined, jurisdiction: string): TermsView["quiet"] {
	const found = hours ?? jurisdictionOf(jurisdiction)?.quietHours;
	return found && { startMinute: found.startMinute, endMinute: found.endMinute };
}

function nameOf(level: wire.RestrictionLevel | undefined): LevelName {
	if (level === wire.RestrictionLevel.RESTRICTION_LEVEL_FULL) return "full";
	return level === wire.RestrictionLevel.RESTRICTION_LEVEL_LIMITED ? "limited" : "none";
}
