import { encode } from "../../proto/codec.ts";
import { preAuthenticationEncoding } from "../../proto/envelope.ts";
import { wire } from "../../proto/wire.ts";
import { holdInForce } from "../policy/holds.ts";
import type { Ledger } from "../policy/ledger.ts";
import { nextChangeAt, toElapsed } from "../policy/next-change.ts";
import { nextOverdueNotice, offlineNotice } from "../policy/notices.ts";
import { remainingMs } from "../policy/offline-budget.ts";
import { controlsOf } from "../policy/posture.ts";
import { situationOf } from "../policy/settle.ts";
import type { Situation } from "../policy/situation.ts";
import type { Agreement } from "../policy/terms.ts";
import { trustedNow } from "../policy/trusted-time.ts";
import { keyChallenge } from "./binding.ts";
import { checkInUnderWay } from "./check-in.ts";
import { screenOf } from "./screen.ts";
import { payloadTypeOf } from "./signatures.ts";
import type { Tools, Turn } from "./turn.ts";

/** A phone whose record was lost keeps what was last applied for this long; then it is open, like any unbound phone. */
const POSTURE_KEPT_MS = 30 * 24 * 3600 * 1000;
const BOTH_CHANNELS = [wire.NoticeChannel.NOTICE_CHANNEL_NOTIFICATION, wire.NoticeChannel.NOTICE_CHANNEL_SCREEN];

/** Everything that should hold, worked out from the ledger alone, and what else the event led to. */
export function effectsOf(tools: Tools, turn: Turn): wire.HostEffects.$Properties {
	const { ledger } = turn;
	const agreement = tools.agreementOf(ledger);
	const situation = situationOf(ledger, agreement);
	const challenge = ledger.pendingBinding?.receipt.length === 0 ? keyChallenge(tools, ledger) : undefined;
	return {
		posture: postureOf(ledger, agreement),
		alarm: { atElapsedMs: alarmAt(ledger, situation) },
		screen: screenOf(ledger, agreement),
		notices: situation ? noticesOf(situation) : [],
		makeDeviceKey: challenge ? { challenge } : null,
		sign: ledger.signatures.map(({ requestId, purpose, payload }) => ({
			requestId,
			purpose,
			toSign: preAuthenticationEncoding(payloadTypeOf(purpose), payload),
		})),
		checkIn: checkInOf(ledger, agreement),
		cableReply: turn.cableReply ? encode(wire.CableReply, turn.cableReply) : new Uint8Array(),
		returnOwnership: mayReturnOwnership(ledger),
		faults: [...(turn.faults ?? [])],
		answer: turn.answer ?? null,
		record: [...(turn.record ?? [])],
		checkpoint: turn.checkpoint ?? new Uint8Array(),
	};
}

function postureOf({ posture, recovery, contract, time, handset }: Ledger, agreement: Agreement | undefined) {
	const keepsLast = recovery && !contract && time.poweredOnMs < recovery.sincePoweredOnMs + POSTURE_KEPT_MS;
	if (keepsLast) return null;
	// Apps that this phone needs, and those the terms name: open at every level (F1, F2).
	const openPackages = [
		...handset.essentialPackages.map(({ packageName }) => packageName),
		...(agreement?.terms.essentialPackages ?? []),
	];
	return { revision: posture.revision, restricted: controlsOf(posture.wanted), openPackages: [...new Set(openPackages)] };
}

function alarmAt(ledger: Ledger, situation: Situation | undefined): number {
	const { contract, contact, recovery, time } = ledger;
	const checkInAt = contract && !contact.endReported && !checkInUnderWay(ledger) ? contact.nextAtPoweredOnMs : undefined;
	const changeAt = situation && !contract?.releasedBy ? nextChangeAt(situation) : undefined;
	const recoveredAt = recovery && !contract ? recovery.sincePoweredOnMs + POSTURE_KEPT_MS : undefined;
	const later = [checkInAt, changeAt, recoveredAt].filter((at) => at !== undefined).filter((at) => at > time.poweredOnMs);
	return later.length > 0 ? toElapsed(ledger, Math.min(...later)) : 0;
}

function checkInOf(ledger: Ledger, agreement: Agreement | undefined): wire.CheckInWanted.$Properties | null {
	const underWay = checkInUnderWay(ledger);
	if (!underWay || !agreement) return null;
	const url = `${agreement.terms.checkInUrl.replace(/\/+$/, "")}/v1/device/check-in`;
	return { envelope: underWay.envelope, url, counter: underWay.counter };
}

/** Freed first, then given back, and only then reported: every restriction was read back as gone. */
function mayReturnOwnership({ contract, posture }: Ledger): boolean {
	if (!contract?.releasedBy || contract.ownershipReturned) return false;
	return posture.wanted === 0 && posture.appliedRevision === posture.revision && posture.drift === 0;
}

function noticesOf(situation: Situation): wire.NoticeToShow.$Properties[] {
	const { ledger, contract, terms } = situation;
	if (contract.releasedBy) return [];
	const { time, contact, lock } = ledger;
	const fromLender = ledger.notices.pending.map((notice) => ({ ...notice, channels: BOTH_CHANNELS }));
	const left = remainingMs(contact, terms.offline.budgetSeconds, time.elapsedMs);
	const offline = terms.offline.budgetSeconds > 0 && contract.confirmed ? offlineNotice(situation, left) : undefined;
	// Nobody is warned of a debt while the lender cannot know who has paid (F5), or while escalation is held (F13, F14).
	const mayWarn = contract.confirmed && !contact.paymentFeedStale && !holdInForce(lock, trustedNow(time));
	const overdue = mayWarn ? nextOverdueNotice(situation) : undefined;
	const own = [offline, overdue]
		.filter((notice) => notice !== undefined)
		.filter((notice) => notice.atPoweredOnMs <= time.poweredOnMs);
	return [
		...fromLender,
		...own.map(({ noticeId, kind }) => ({ noticeId, kind, text: "", language: "", channels: BOTH_CHANNELS })),
	];
}
