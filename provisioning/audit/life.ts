import { decode, type Message } from "../../proto/codec.ts";
import type { KeySet } from "../../proto/roles.ts";
import { wire } from "../../proto/wire.ts";
import { type Agreement, readAgreement } from "./agreement.ts";
import type { Decision } from "./report.ts";

export type Binding = Message<wire.Binding.$Properties>;
export type Checkpoint = Message<wire.RecordCheckpoint.$Properties>;
type Address = Pick<Binding, "deviceId" | "contractId" | "lenderId">;

/** A contract as the record has shown it so far. */
export interface Contract {
	readonly address: Address;
	readonly bindingSha256: Uint8Array;
	readonly keySet: KeySet;
	readonly terms: Uint8Array;
	readonly agreement: Agreement;
	/** Powered-on; `undefined` if it lies before the file. */
	readonly boundAt: number | undefined;
}

/** A notice that reached the borrower. */
export interface Notice {
	readonly kind: wire.NoticeKind;
	readonly channels: readonly wire.NoticeChannel[];
	/** When the screen carried it. */
	readonly onScreen: { readonly atUnixSeconds: number; readonly atPoweredOnSeconds: number } | undefined;
}

/** A lock that an order made and none has lifted. */
export interface OrderedLock {
	readonly level: wire.RestrictionLevel;
	readonly reason: wire.ReasonCode;
	readonly sequence: number;
}

/**
 * What a phone's life comes to after a number of decisions, worked out from the record alone. `undefined` stands for what only
 * decisions before the file could tell. Seconds; powered-on where it says so.
 */
export interface Life {
	/** The checkpoint that the file begins after; `undefined` if it begins at the beginning. */
	readonly beginsAt: { readonly atUnixSeconds: number; readonly atPoweredOnSeconds: number } | undefined;
	readonly contract: Contract | undefined;
	readonly confirmed: boolean | undefined;
	readonly standing: wire.Standing | undefined;
	readonly causes: readonly wire.LockCause[] | undefined;
	readonly paidUntil: number;
	/** Powered-on. */
	readonly standingSince: number | undefined;
	/** Powered-on; where the count of wrongful minutes begins. */
	readonly lockedSince: number | undefined;
	readonly lastSequence: number | undefined;
	/** By their ids. One map for the whole of a replay, added to in place: a copy for each of thousands would cost minutes. */
	readonly notices: Map<string, Notice>;
	/** Kinds of the notices that orders brought, by their ids. Added to in place as well. */
	readonly ordered: Map<string, wire.NoticeKind>;
	/** The last offline warning on the screen since the budget was last paid back. */
	readonly offlineWarning: { readonly remainingSeconds: number; readonly atPoweredOnSeconds: number } | undefined;
	/** The budget was paid back since the file began. */
	readonly wasPaidBack: boolean;
	readonly holds: ReadonlyMap<wire.HoldKind, number>;
	/** Powered-on. */
	readonly passUntil: number;
	readonly orderedLock: OrderedLock | undefined;
	/** Powered-on; the record was lost or put back, and the lender has not answered since. */
	readonly recoverySince: number | undefined;
	readonly simChanged: boolean | undefined;
	readonly attestationChanged: boolean | undefined;
	readonly releaseOrdered: boolean;
	readonly codeReleased: boolean;
	/** The last decision took a code. */
	readonly tookCode: boolean;
	/** As the phone counted them. */
	readonly wrongfulMinutes: number;
	/** As they follow from orders and locks. */
	readonly wrongfulMinutesOwed: number;
	/** Counted with the last decision, for the order that comes next, on a lock that began then. */
	readonly counted: { readonly minutes: number; readonly lockedSince: number | undefined } | undefined;
	/** Of the last decision. */
	readonly at: Pick<Decision, "atUnixSeconds" | "atPoweredOnSeconds" | "offlineSpentSeconds" | "number">;
}

/** A phone before its first decision. */
export function beforeAnything(): Life {
	return {
		beginsAt: undefined,
		contract: undefined,
		confirmed: false,
		standing: wire.Standing.STANDING_UNBOUND,
		causes: [],
		paidUntil: 0,
		standingSince: 0,
		lockedSince: undefined,
		lastSequence: 0,
		notices: new Map(),
		ordered: new Map(),
		offlineWarning: undefined,
		wasPaidBack: false,
		holds: new Map(),
		passUntil: 0,
		orderedLock: undefined,
		recoverySince: undefined,
		simChanged: false,
		attestationChanged: false,
		releaseOrdered: false,
		codeReleased: false,
		tookCode: false,
		wrongfulMinutes: 0,
		wrongfulMinutesOwed: 0,
		counted: undefined,
		at: { number: 0, atUnixSeconds: 0, atPoweredOnSeconds: 0, offlineSpentSeconds: 0 },
	};
}

/**
 * A phone at a checkpoint: what it signed is believed, what it did not say is not known. `undefined` if its terms cannot be
 * judged by.
 *
 * @throws {ProtocolError} if its terms or its key set are none.
 */
export function lifeAt(checkpoint: Checkpoint): Life | undefined {
	const agreement = readAgreement(checkpoint.terms);
	if (!agreement) return undefined;
	const keySet = decode(wire.KeySet, checkpoint.keySet);
	return {
		...beforeAnything(),
		beginsAt: { atUnixSeconds: checkpoint.atUnixSeconds, atPoweredOnSeconds: checkpoint.atPoweredOnSeconds },
		contract: {
			address: { deviceId: checkpoint.deviceId, contractId: checkpoint.contractId, lenderId: agreement.terms.lenderId },
			bindingSha256: checkpoint.bindingSha256,
			keySet,
			terms: checkpoint.terms,
			agreement,
			boundAt: undefined,
		},
		confirmed: undefined,
		standing: undefined,
		causes: undefined,
		paidUntil: checkpoint.paidUntilUnixSeconds,
		standingSince: undefined,
		lastSequence: undefined,
		simChanged: undefined,
		attestationChanged: undefined,
		wrongfulMinutes: checkpoint.wrongfulLockMinutes,
		wrongfulMinutesOwed: checkpoint.wrongfulLockMinutes,
		at: {
			number: checkpoint.logLength,
			atUnixSeconds: checkpoint.atUnixSeconds,
			atPoweredOnSeconds: checkpoint.atPoweredOnSeconds,
			offlineSpentSeconds: 0,
		},
	};
}

/** Whether anything is restricted beyond what every financed phone has. */
export function isLocked(standing: wire.Standing | undefined): boolean {
	return standing === wire.Standing.STANDING_LOCKED_LIMITED || standing === wire.Standing.STANDING_LOCKED_FULL;
}
