import { decodeCanonical } from "../../../proto/codec.ts";
import { jurisdictionOf } from "../../../proto/jurisdiction.ts";
import { wire } from "../../../proto/wire.ts";
import type { Level } from "../api-types.ts";
import type { CheckInRow } from "../database/schema.ts";
import { CAUSES, STANDINGS } from "../enrollment/enrollment-status.ts";
import type { PhoneReport, ReadableTerms } from "./contract-story-request.ts";

const LEVELS: Readonly<Record<number, Level>> = {
	[wire.RestrictionLevel.RESTRICTION_LEVEL_NONE]: "none",
	[wire.RestrictionLevel.RESTRICTION_LEVEL_LIMITED]: "limited",
	[wire.RestrictionLevel.RESTRICTION_LEVEL_FULL]: "full",
};
const CONSENTS: Readonly<Record<number, "on_device" | "document">> = {
	[wire.ConsentMethod.CONSENT_METHOD_ON_DEVICE]: "on_device",
	[wire.ConsentMethod.CONSENT_METHOD_DOCUMENT]: "document",
};
const CONTACTS: Readonly<Record<number, "fresh" | "warned" | "expired">> = {
	[wire.ContactState.CONTACT_STATE_FRESH]: "fresh",
	[wire.ContactState.CONTACT_STATE_WARNED]: "warned",
	[wire.ContactState.CONTACT_STATE_EXPIRED]: "expired",
};

export function levelName(level: wire.RestrictionLevel): Level {
	return LEVELS[level] ?? "none";
}

/** Terms and the consent to them as a person reads them, each instalment beside what was paid of it. */
export function readableTerms(
	{ terms, consent }: { readonly terms: Uint8Array; readonly consent: Uint8Array },
	paidMinor: number,
	now: number,
): ReadableTerms {
	const read = decodeCanonical(wire.Terms, terms);
	const agreed = decodeCanonical(wire.Consent, consent);
	const place = jurisdictionOf(read.jurisdiction);
	const quiet = read.quietHours ?? place?.quietHours;
	let left = paidMinor;
	return {
		lenderName: read.lenderName,
		accountShown: read.accountShown,
		currency: read.currency,
		instalments: read.instalments.map(({ dueAtUnixSeconds, amountMinor }) => {
			const covered = Math.min(left, amountMinor);
			left -= covered;
			const state = covered === amountMinor ? "paid" : covered > 0 ? "part_paid" : dueAtUnixSeconds < now ? "due" : "upcoming";
			return { dueAtUnixSeconds, amountMinor, paidMinor: covered, state };
		}),
		ladder: {
			graceSeconds: read.ladder?.graceSeconds ?? 0,
			limitedDwellSeconds: read.ladder?.limitedDwellSeconds ?? 0,
			maxLevel: levelName(read.ladder?.maxLevel ?? 0),
		},
		notices: {
			count: read.notices?.count ?? 0,
			minSpacingSeconds: read.notices?.minSpacingSeconds ?? 0,
			minChannels: read.notices?.minChannels ?? 0,
		},
		offline: {
			budgetSeconds: read.offline?.budgetSeconds ?? 0,
			warnAtRemainingSeconds: [...(read.offline?.warnAtRemainingSeconds ?? [])],
			level: levelName(read.offline?.level ?? 0),
		},
		passes: { perYear: read.passes?.perYear ?? 0, durationSeconds: read.passes?.durationSeconds ?? 0 },
		jurisdiction: {
			id: read.jurisdiction,
			status: place?.status ?? "none found",
			source: place?.source ?? "",
			minPastDueSeconds: place?.minPastDueSeconds ?? 0,
			maxLevel: levelName(place?.maxLevel ?? 0),
			restoreMaxMinutes: place?.restoreMaxMinutes ?? 60,
			neverRestricted: [...(place?.neverRestricted ?? [])],
		},
		...(quiet
			? {
					quietHours: {
						startMinute: quiet.startMinute,
						endMinute: quiet.endMinute,
						utcOffsetMinutes: quiet.utcOffsetMinutes,
					},
				}
			: {}),
		contact: {
			supportPhone: read.contact?.supportPhone ?? "",
			supportUrl: read.contact?.supportUrl ?? "",
			payUrl: read.contact?.payUrl ?? "",
			payInstructions: read.contact?.payInstructions ?? "",
			disputeUrl: read.contact?.disputeUrl ?? "",
		},
		languages: [...read.languages],
		deadLenderReleaseSeconds: read.deadLenderReleaseSeconds,
		consent: {
			language: agreed.language,
			givenAtUnixSeconds: agreed.givenAtUnixSeconds,
			method: CONSENTS[agreed.method] ?? "unknown",
		},
	};
}

/** What a phone said with its last check-in; `undefined` if it never made one. */
export function phoneReport(checkIn: CheckInRow | undefined): PhoneReport | undefined {
	if (!checkIn?.status || checkIn.at === null) return undefined;
	const status = decodeCanonical(wire.DeviceStatus, checkIn.status);
	return {
		atUnixSeconds: checkIn.at,
		standing: STANDINGS[status.standing] ?? "none",
		level: levelName(status.level),
		lockCauses: status.causes.flatMap((cause) => CAUSES[cause] ?? []),
		contact: CONTACTS[status.contact] ?? "unknown",
		paidUntilUnixSeconds: status.paidUntilUnixSeconds,
		trustedTimeUnixSeconds: status.trustedTimeUnixSeconds,
		offlineChargedSeconds: status.offlineChargedSeconds,
		sealed: status.sealed,
		serviceOpen: status.serviceOpen,
		postureApplied: status.postureApplied,
		postureDrift: [...status.postureDrift],
		wrongfulLockMinutes: status.wrongfulLockMinutes,
		ownershipReturned: status.ownershipReturned,
		simChanged: status.simChanged,
		attestationChanged: status.attestationChanged,
		contactRequired: status.contactRequired,
		takesCodes: status.codeCounter > 0,
		agentVersion: checkIn.agent_version ?? "",
	};
}
