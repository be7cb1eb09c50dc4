import { decodeCanonical, encode, equalBytes } from "../../proto/codec.ts";
import { type Crypto, keyidOf, toHex } from "../../proto/crypto.ts";
import { accept, PayloadType, readEnvelope } from "../../proto/envelope.ts";
import { ProtocolError } from "../../proto/error.ts";
import { RECORD_FORMAT_VERSION, type RecordFileParts, readRecordFile } from "../../proto/record-file.ts";
import { wire } from "../../proto/wire.ts";
import { beforeAnything, type Checkpoint, isLocked, type Life, lifeAt } from "./life.ts";
import { type Entry, replay } from "./replay.ts";
import {
	type AuditReport,
	broken,
	type Decision,
	type Finding,
	type JudgedDecision,
	type RecordOwner,
	type Totals,
} from "./report.ts";
import { wordsOf } from "./words.ts";

/** How a record is audited. */
export interface AuditOptions {
	readonly crypto: Crypto;
	/** The device key that the phone must have, as in its receipt; otherwise the file's own is taken, and named. */
	readonly devicePublicKey?: Uint8Array;
}

/**
 * Checks a borrower's record (RecordFile) from its bytes alone: the chain, every signature in it, and that each tightening kept to
 * F1 to F18. Shares no code with the agent that wrote it. Never throws for what is in the bytes.
 */
export function auditRecord(options: AuditOptions, bytes: Uint8Array): AuditReport {
	try {
		return audit(options, readRecordFile(bytes));
	} catch (error) {
		if (error instanceof ProtocolError) return { verdict: "unreadable", problem: error.message };
		throw error;
	}
}

function audit({ crypto, devicePublicKey: expected }: AuditOptions, file: RecordFileParts): AuditReport {
	const unreadable = (problem: string): AuditReport => ({ verdict: "unreadable", problem });
	if (file.formatVersion > RECORD_FORMAT_VERSION)
		return unreadable(`format ${file.formatVersion} is newer than this program, which reads format ${RECORD_FORMAT_VERSION}`);
	if (expected && !equalBytes(expected, file.devicePublicKey))
		return { verdict: "other phone", problem: "the record is of another device key than the one given" };
	const ending = readCheckpoint(crypto, file.devicePublicKey, file.endsWith);
	if (!ending) return unreadable("where the record ends is not signed by its device key");
	const beginning = file.beginsAfter.length > 0 ? readCheckpoint(crypto, file.devicePublicKey, file.beginsAfter) : undefined;
	if (file.beginsAfter.length > 0 && !beginning) return unreadable("where the record begins is not signed by its device key");
	const entries = file.entries.map(readEntry);

	let life = beginning ? lifeAt(beginning) : beforeAnything();
	if (!life) return unreadable("the terms at its beginning cannot be judged by");
	let head: Uint8Array = beginning?.logHead ?? new Uint8Array(32);
	const decisions: JudgedDecision[] = [];
	for (const { entry, decision } of entries) {
		head = chained(crypto, head, entry.decision);
		const step = replay(crypto, life, entry, decision);
		life = step.life;
		decisions.push({ decision, words: wordsOf(decision), findings: step.findings });
	}
	const findings = [...judgeEnds(beginning, ending), ...judgeEnd(life, head, ending)];
	const all = [...findings, ...decisions.flatMap((judged) => judged.findings)];
	const isBroken = all.some(({ severity }) => severity === "broken");
	return {
		verdict: isBroken ? "broken" : all.length > 0 ? "partly" : "ok",
		owner: ownerOf(crypto, file, entries, life, ending),
		beginsAfter: beginning?.logLength ?? 0,
		endsAtUnixSeconds: ending.atUnixSeconds,
		decisions,
		findings,
		totals: totalsOf(decisions, life, ending),
	};
}

function readEntry(bytes: Uint8Array): { entry: Entry; decision: Decision } {
	const entry = decodeCanonical(wire.RecordEntry, bytes);
	return { entry, decision: decodeCanonical(wire.Decision, entry.decision) };
}

/** `undefined` if it is not signed by that key. */
function readCheckpoint(crypto: Crypto, devicePublicKey: Uint8Array, envelope: Uint8Array): Checkpoint | undefined {
	const key = { keyid: keyidOf(crypto, devicePublicKey), point: devicePublicKey };
	try {
		// Nobody else signs it: a second signature would be a byte that nothing covers.
		if (readEnvelope(envelope, PayloadType.recordCheckpoint).signatures.length !== 1) return undefined;
		return accept(crypto, wire.RecordCheckpoint, PayloadType.recordCheckpoint, envelope, [key]).message;
	} catch (error) {
		if (error instanceof ProtocolError) return undefined;
		throw error;
	}
}

function chained(crypto: Crypto, head: Uint8Array, decision: Uint8Array): Uint8Array {
	const bytes = new Uint8Array(32 + decision.length);
	bytes.set(head.subarray(0, 32));
	bytes.set(decision, 32);
	return crypto.sha256(bytes);
}

function judgeEnds(beginning: Checkpoint | undefined, ending: Checkpoint): Finding[] {
	if (!beginning) return [];
	const isSame = beginning.deviceId === ending.deviceId && beginning.contractId === ending.contractId;
	const isBefore = beginning.logLength <= ending.logLength && beginning.atUnixSeconds <= ending.atUnixSeconds;
	return isSame && isBefore && beginning.logHead.length === 32
		? []
		: [broken("F12", "it begins and ends in two different records")];
}

/** What the phone signed at the end is what its record comes to. */
function judgeEnd(life: Life, head: Uint8Array, ending: Checkpoint): Finding[] {
	const { contract, at } = life;
	if (!contract) return [broken("F12", "no contract was ever bound in it")];
	const asSigned: [boolean, string][] = [
		[ending.logLength === at.number, "the number of decisions is not the one that was signed: some are missing, or were added"],
		[equalBytes(ending.logHead, head), "the chain is not the one that was signed: a decision was changed, or its place was"],
		[ending.deviceId === contract.address.deviceId && ending.contractId === contract.address.contractId, "of another contract"],
		[
			ending.atUnixSeconds >= at.atUnixSeconds && ending.atPoweredOnSeconds >= at.atPoweredOnSeconds,
			"it ends before its last decision",
		],
		[ending.paidUntilUnixSeconds === life.paidUntil, "paid-until at its end is not what the record comes to"],
		[equalBytes(ending.terms, contract.terms), "the terms at its end are not those that the record comes to"],
		[
			equalBytes(ending.keySet, encode(wire.KeySet, contract.keySet)),
			"the lender's keys at its end are not those that the record comes to",
		],
		[equalBytes(ending.bindingSha256, contract.bindingSha256), "the binding at its end is not the one that the record comes to"],
		[ending.wrongfulLockMinutes === life.wrongfulMinutes, "the wrongful minutes at its end are not those that were counted"],
	];
	return asSigned.filter(([isSo]) => !isSo).map(([, what]) => broken("F12", what));
}

function ownerOf(
	crypto: Crypto,
	file: RecordFileParts,
	entries: readonly { readonly entry: Entry }[],
	{ contract }: Life,
	ending: Checkpoint,
): RecordOwner {
	const terms = contract?.agreement.terms;
	const bound = entries.find(({ entry }) => entry.bound)?.entry.bound;
	return {
		deviceId: ending.deviceId,
		contractId: ending.contractId,
		lenderName: terms?.lenderName ?? "",
		accountShown: terms?.accountShown ?? "",
		jurisdiction: terms?.jurisdiction ?? "",
		deviceKeyId: keyidOf(crypto, file.devicePublicKey),
		keySetVersion: contract?.keySet.version ?? 0,
		firstKeySetSha256: toHex(firstKeySet(crypto, bound?.keySetEnvelopes[0])),
	};
}

function firstKeySet(crypto: Crypto, envelope: Uint8Array | undefined): Uint8Array {
	if (!envelope) return new Uint8Array();
	try {
		return crypto.sha256(readEnvelope(envelope, PayloadType.keySet).payload);
	} catch (error) {
		if (error instanceof ProtocolError) return new Uint8Array(); // the decision itself says what is wrong with it
		throw error;
	}
}

function totalsOf(judged: readonly JudgedDecision[], life: Life, ending: Checkpoint): Totals {
	const decisions = judged.map(({ decision }) => decision);
	const count = (isSo: (decision: Decision) => boolean) => decisions.filter(isSo).length;
	const ofKind = (kind: wire.DecisionKind) => count((decision) => decision.kind === kind);
	return {
		decisions: decisions.length,
		...locksOf(decisions, ending.atPoweredOnSeconds),
		wrongfulMinutesRecorded: ending.wrongfulLockMinutes,
		wrongfulMinutesRecomputed: life.wrongfulMinutesOwed,
		passes: ofKind(wire.DecisionKind.DECISION_KIND_PASS_TAKEN),
		disputes: ofKind(wire.DecisionKind.DECISION_KIND_DISPUTE_OPENED),
		noticesOnScreen: count(({ noticeChannel }) => noticeChannel === wire.NoticeChannel.NOTICE_CHANNEL_SCREEN),
		ordersAccepted: ofKind(wire.DecisionKind.DECISION_KIND_ORDER_ACCEPTED),
		ordersRefused: ofKind(wire.DecisionKind.DECISION_KIND_ORDER_REFUSED),
	};
}

function locksOf(decisions: readonly Decision[], endsAt: number): { locks: number; minutesLocked: number } {
	let locks = 0;
	let lockedSeconds = 0;
	let since: number | undefined;
	for (const { standing, atPoweredOnSeconds: at } of decisions) {
		if (isLocked(standing) && since === undefined) {
			locks += 1;
			since = at;
		} else if (!isLocked(standing) && since !== undefined) {
			lockedSeconds += at - since;
			since = undefined;
		}
	}
	if (since !== undefined) lockedSeconds += endsAt - since;
	return { locks, minutesLocked: Math.round(lockedSeconds / 60) };
}
