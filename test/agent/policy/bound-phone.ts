import {
	type ContactRecord,
	type ContractRecord,
	emptyLedger,
	type HandsetRecord,
	type Ledger,
	type LockRecord,
	type NoticeRecord,
	type ShownNotice,
	type TimeRecord,
} from "../../../agent/policy/ledger.ts";
import type { Situation } from "../../../agent/policy/situation.ts";
import { readAgreement } from "../../../agent/policy/terms.ts";
import { decode, encode } from "../../../proto/codec.ts";
import type { Jurisdiction } from "../../../proto/jurisdiction.ts";
import { wire } from "../../../proto/wire.ts";
import { DAY, EPOCH, termsOf } from "../test-lender.ts";

/** Seconds after {@link EPOCH} up to which the phone of {@link boundPhone} is paid for. */
export const PAID_UNTIL = 30 * DAY;

/** What a test says of a phone. Parts of the ledger are laid over those of a phone that nothing has happened to. */
export interface Circumstances extends Partial<Pick<Ledger, "recovery" | "codes" | "observations" | "posture">> {
	/** Seconds since {@link EPOCH}, when it was bound and heard a signed time; it was never switched off. May be a fraction. */
	readonly at?: number;
	readonly terms?: Partial<wire.Terms.$Properties>;
	readonly profile?: Partial<Jurisdiction>;
	readonly contract?: Partial<ContractRecord>;
	readonly time?: Partial<TimeRecord>;
	readonly handset?: Partial<HandsetRecord>;
	readonly contact?: Partial<ContactRecord>;
	readonly lock?: Partial<LockRecord>;
	readonly notices?: Partial<NoticeRecord>;
}

/** A bound phone, confirmed and paid for until {@link PAID_UNTIL}, under the terms of the tests' lender. */
export function boundPhone({ at = 0, terms = {}, profile = {}, ...says }: Circumstances = {}): Situation {
	const agreement = readAgreement(encode(wire.Terms, termsOf(terms)));
	if ("problem" in agreement) throw new Error(agreement.problem);
	const empty = emptyLedger();
	const contract: ContractRecord = {
		...decode(wire.ContractRecord, new Uint8Array()),
		confirmed: true,
		paidUntilUnixSeconds: EPOCH + PAID_UNTIL,
		...says.contract,
	};
	const now = { bootCount: 1, elapsedMs: at * 1000, poweredOnMs: at * 1000, signedUnixSeconds: EPOCH, signedAtPoweredOnMs: 0 };
	const ledger: Ledger = {
		...empty,
		...says,
		contract,
		time: { ...now, ...says.time },
		handset: { ...empty.handset, ...says.handset },
		contact: { ...empty.contact, ...says.contact },
		lock: { ...empty.lock, standing: wire.Standing.STANDING_UNLOCKED, ...says.lock },
		notices: { ...empty.notices, ...says.notices },
		recovery: says.recovery,
	};
	return { terms: agreement.terms, profile: { ...agreement.profile, ...profile }, contract, ledger };
}

/** A lock warning that somebody looked at, and that a notification carried too, so many seconds after {@link EPOCH}. */
export function seen(at: number, changes: Partial<ShownNotice> = {}): ShownNotice {
	return {
		noticeId: `seen-${at}`,
		kind: wire.NoticeKind.NOTICE_KIND_LOCK_WARNING,
		channels: channels("SCREEN", "NOTIFICATION"),
		onScreenAtPoweredOnMs: at * 1000,
		onScreenAtUnixSeconds: EPOCH + Math.floor(at),
		...changes,
	};
}

export type ChannelName = "SCREEN" | "NOTIFICATION" | "SMS" | "CALL";

/** The bits of channels. */
export function channels(...names: readonly ChannelName[]): number {
	return names.reduce((bits, name) => bits | (1 << wire.NoticeChannel[`NOTICE_CHANNEL_${name}`]), 0);
}
