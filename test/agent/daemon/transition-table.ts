import type { Turn } from "../../../agent/daemon/turn.ts";
import { encode } from "../../../proto/codec.ts";
import { timeCodeSecret, writeTimeCode } from "../../../proto/time-code.ts";
import { wire } from "../../../proto/wire.ts";
import { DEVICE_ID, keyring, keySetEnvelope } from "../../prove/lender.ts";
import {
	CODE_KEY,
	phoneAt,
	STANDINGS,
	type StandingName,
	type StandingPhone,
	standingTerms,
} from "../../prove/standing-phones.ts";
import { type SymbolicSigner, symbolicCrypto, symbolicSigner } from "../../prove/symbolic-crypto.ts";
import { SymbolicPhone } from "../../prove/symbolic-phone.ts";
import { DAY, EPOCH, HOUR, IMEI1, IMEI2 } from "../test-lender.ts";

/** Something that may happen to a phone, wherever it stands. */
export interface Row {
	readonly says: string;
	/** Makes it happen; what was answered, if anybody was. */
	happen(at: StandingPhone): string;
}

/** Rows that belong together. */
export interface Chapter {
	readonly title: string;
	readonly rows: readonly Row[];
}

const { REASON_CODE_THEFT_REPORTED: THEFT, REASON_CODE_PAYMENT: PAYMENT } = wire.ReasonCode;
const { RESTRICTION_LEVEL_LIMITED: LIMITED, RESTRICTION_LEVEL_FULL: FULL } = wire.RestrictionLevel;
const NONE = new Uint8Array();
const FACTS = { imeis: [IMEI1, IMEI2], serial: "SERIAL1", deviceOwner: true, agentVersion: "1.0.0" };
const A_YEAR_ON = EPOCH + 420 * DAY;

const nowOf = ({ phone }: StandingPhone) => Math.floor(phone.unixSeconds);
const digest = (byte: number) => new Uint8Array(32).fill(byte);

/** What a turn answers to whoever caused it. */
function answerOf({ cableReply, answer, faults = [] }: Turn): string {
	const refused = faults.find(({ code }) => code === "ORDER_REFUSED");
	if (refused) return `✗ ${refused.detail}`;
	if (cableReply?.refused) return `✗ ${cableReply.refused.code}`;
	const outcome = cableReply?.outcome?.orders?.[0];
	if (outcome) return outcome.rule ? `✗ ${outcome.rule}` : "taken";
	if (cableReply) return "answered";
	if (answer) return answer.accepted ? "taken" : `✗ ${answer.code}`;
	return faults.map(({ code }) => code).join();
}

const event = (says: string, body: Parameters<SymbolicPhone["send"]>[0]): Row => ({
	says,
	happen: ({ phone }) => answerOf(phone.send(body)),
});
const cable = (says: string, request: (at: StandingPhone) => wire.CableRequest.$Properties): Row => ({
	says,
	happen: (at) => answerOf(at.phone.cable(request(at))),
});

/** The next order of the lender's own command key, unless it says otherwise. */
function order(
	says: string,
	fields: (at: StandingPhone) => Partial<wire.Order.$Properties>,
	signers: (at: StandingPhone) => readonly SymbolicSigner[] = ({ lender }) => lender.keys.command,
): Row {
	return cable(says, (at) => ({
		deliverOrders: { orderEnvelopes: [at.lender.order({ sequence: at.sequence + 1, ...fields(at) }, signers(at))] },
	}));
}

function time(says: string, seconds: number, { isRead, step = seconds }: { isRead: boolean; step?: number }): Row {
	return {
		says,
		happen: ({ phone }) => {
			for (let passed = 0; passed < seconds; passed += step) {
				phone.live(step);
				if (!isRead) continue;
				for (const { noticeId } of phone.effects.notices ?? [])
					for (const way of ["notification", "screen"] as const) phone.shown(noticeId ?? "", way);
			}
			return "";
		},
	};
}

const HOST: Chapter = {
	title: "Time, and what the host reports",
	rows: [
		event("the phone starts again", { started: {} }),
		time("an hour passes", HOUR, { isRead: false }),
		time("120 days pass, nobody looks at a notice", 120 * DAY, { isRead: false, step: DAY / 2 }),
		time("120 days pass, every notice is read", 120 * DAY, { isRead: true, step: DAY / 2 }),
		time("400 days pass at once", 400 * DAY, { isRead: false }),
		{
			says: "a notice of the lender's arrives and is read",
			happen: ({ phone, lender, sequence }) => {
				const { keys } = lender;
				const notice = {
					noticeId: "n",
					kind: wire.NoticeKind.NOTICE_KIND_INFORMATION,
					texts: [{ language: "es", text: "Hola" }],
				};
				phone.cable({ deliverOrders: { orderEnvelopes: [lender.order({ sequence: sequence + 1, notice }, keys.command)] } });
				const isShown = phone.effects.notices?.some(({ noticeId }) => noticeId === "n");
				if (isShown) phone.shown("n", "screen");
				return isShown && phone.ledger.notices.seenIds.includes("n") ? "read" : "";
			},
		},
		event("a notice is reported that nobody asked for", {
			noticeShown: { noticeId: "x", channel: wire.NoticeChannel.NOTICE_CHANNEL_SCREEN },
		}),
		event("an emergency call begins", { emergencyCall: { active: true } }),
		{
			says: "the SIM is another one",
			happen: ({ phone }) => {
				phone.readFacts({ ...FACTS, simDigest: digest(1) });
				phone.readFacts({ ...FACTS, simDigest: digest(2) });
				return phone.ledger.observations.simDigestNow.length > 0 ? "noted" : "";
			},
		},
		{
			says: "the platform attests itself otherwise",
			happen: ({ phone }) => {
				phone.readFacts({ ...FACTS, attestationDigest: digest(1) });
				phone.readFacts({ ...FACTS, attestationDigest: digest(2) });
				return phone.ledger.observations.attestationDigestNow.length > 0 ? "noted" : "";
			},
		},
		{
			says: "the agent is device owner no more",
			happen: ({ phone }) => {
				phone.readFacts({ ...FACTS, deviceOwner: false });
				return "";
			},
		},
		event("the posture reads back otherwise than wanted", {
			postureApplied: { revision: 0, drift: ["cameraAndGallery"] },
		}),
		{
			says: "the device key comes that was asked for",
			happen: ({ phone }) => {
				if (!phone.effects.makeDeviceKey) return "none was";
				phone.isKeyAwaited = false;
				return answerOf(phone.send({ tick: {} }));
			},
		},
		event("a device key comes that nobody asked for", {
			deviceKeyMade: { challenge: digest(1), publicKey: symbolicSigner(901).publicKey, attestationChain: [] },
		}),
		event("a signature comes that nobody asked for", { signed: { requestId: 4_000_000, signature: new Uint8Array(64) } }),
		event("device ownership was given back", { ownershipReturned: {} }),
		event("a check-in could not be carried", { checkInFailed: { counter: 4_000_000 } }),
		{
			says: "the ledger is lost, and the phone starts again",
			happen: ({ phone }) => {
				phone.loseLedger();
				return phone.ledger.recovery ? "from the anchor" : "";
			},
		},
	],
};

const BORROWER: Chapter = {
	title: "The borrower",
	rows: [
		event("asks for a check-in now", { checkNow: {} }),
		event("takes an emergency pass", { passTaken: {} }),
		event("disputes", { disputeOpened: {} }),
		event("types a code that reads like none", { codeEntered: { code: "12345" } }),
		timeCode("types the right time code", 0),
		timeCode("types the code for another number", 1),
		event("asks for the record", { recordWanted: {} }),
	],
};

/** The code that answers the number on the screen, or a number beside it. */
function timeCode(says: string, beside: number): Row {
	return {
		says,
		happen: ({ phone }) => {
			const { contract, codes } = phone.ledger;
			const secret = timeCodeSecret(symbolicCrypto, CODE_KEY, contract?.devicePublicKey ?? NONE);
			const request = { counter: codes.counter, nonce: (codes.nonce + beside) % 1000 };
			const code = writeTimeCode(
				symbolicCrypto,
				secret,
				{ deviceId: DEVICE_ID, contractId: "C-1001" },
				{ kind: "set", value: 5, ...request },
			);
			return answerOf(phone.send({ codeEntered: { code } }));
		},
	};
}

const CABLE: Chapter = {
	title: "The cable",
	rows: [
		cable("Hello", () => ({ hello: { challenge: new Uint8Array(16) } })),
		cable("Bind, the same binding again", ({ lender }) => ({ bind: lender.bind() })),
		cable("Bind, another binding of the lender", ({ lender }) => ({
			bind: lender.bind({}, { nonce: new Uint8Array(16).fill(8) }),
		})),
		cable("Bind, signed by the command key", ({ lender }) => ({
			bind: lender.bind({ bindingEnvelope: lender.binding({ nonce: new Uint8Array(16).fill(8) }, lender.keys.command) }),
		})),
		cable("StartCheckIn", () => ({ startCheckIn: {} })),
		cable("FinishCheckIn: the lender's answer", (at) => ({ finishCheckIn: { replyEnvelope: answerTo(at) } })),
		cable("FinishCheckIn: its payment feed is stale", (at) => ({
			finishCheckIn: { replyEnvelope: answerTo(at, { paymentFeedStale: true }) },
		})),
		cable("FinishCheckIn: an answer by the command key", (at) => ({
			finishCheckIn: { replyEnvelope: answerTo(at, {}, at.lender.keys.command) },
		})),
		cable("FinishCheckIn: an answer to another question", (at) => ({
			finishCheckIn: { replyEnvelope: answerTo(at, { nonce: new Uint8Array(16).fill(0xee) }) },
		})),
		cable("Seal", () => ({ seal: {} })),
	],
};

function answerTo(
	at: StandingPhone,
	changes: Partial<wire.CheckInReply.$Properties> = {},
	signers = at.lender.keys.heartbeat,
): Uint8Array {
	return at.lender.reply(at.question ?? { counter: 1, nonce: new Uint8Array(16) }, nowOf(at), changes, signers);
}

export /** The board was swapped: the phone reads another serial, and the lender binds it anew. */
function rebind(says: string, signers: (at: StandingPhone) => readonly SymbolicSigner[]): Row {
	const swapped = order(says, (at) => ({
		rebind: {
			bindingEnvelope: at.lender.binding(
				{ serial: "SERIAL2", issuedAtUnixSeconds: nowOf(at), expiresAtUnixSeconds: nowOf(at) + DAY },
				signers(at),
			),
		},
	}));
	return {
		says,
		happen: (at) => {
			at.phone.readFacts({ ...FACTS, serial: "SERIAL2" });
			return swapped.happen(at);
		},
	};
}

export const ORDERS: Chapter = {
	title: "Orders in their turn, by who may give them",
	rows: [
		order("Extend, past the present", (at) => ({ extend: { paidUntilUnixSeconds: nowOf(at) + 30 * DAY } })),
		order("Extend, into the past", () => ({ extend: { paidUntilUnixSeconds: EPOCH + DAY } })),
		order("Extend, ten years past the end", () => ({ extend: { paidUntilUnixSeconds: EPOCH + 3650 * DAY } })),
		order("Restrict FULL: overdue", () => ({ restrict: { level: FULL } })),
		order("Restrict LIMITED: theft, without warnings", () => ({ reason: THEFT, restrict: { level: LIMITED } })),
		order("Restrict: a reason that is none", () => ({ reason: PAYMENT, restrict: { level: LIMITED } })),
		order("Restrict, expired", () => ({ reason: THEFT, restrict: { level: LIMITED }, expiresAtUnixSeconds: EPOCH - 1 })),
		order("Restrict, of the day after tomorrow", (at) => ({
			reason: THEFT,
			restrict: { level: LIMITED },
			issuedAtUnixSeconds: nowOf(at) + 2 * DAY,
		})),
		order("Restore", () => ({ restore: {} })),
		order("Notice", () => ({
			notice: { noticeId: "n", kind: wire.NoticeKind.NOTICE_KIND_INFORMATION, texts: [{ language: "es", text: "Hola" }] },
		})),
		order("Hold: a promise to pay, ten days", (at) => ({
			hold: { kind: wire.HoldKind.HOLD_KIND_PROMISE_TO_PAY, untilUnixSeconds: nowOf(at) + 10 * DAY },
		})),
		order("Hold: a dispute, thirty days", (at) => ({
			hold: { kind: wire.HoldKind.HOLD_KIND_DISPUTE, untilUnixSeconds: nowOf(at) + 30 * DAY },
		})),
		order("ServiceWindow, an hour from now", (at) => ({
			serviceWindow: { opensAtUnixSeconds: nowOf(at) - HOUR, closesAtUnixSeconds: nowOf(at) + HOUR },
		})),
		order("ServiceWindow of two days", (at) => ({
			serviceWindow: { opensAtUnixSeconds: nowOf(at), closesAtUnixSeconds: nowOf(at) + 2 * DAY },
		})),
		rebind("Rebind: a new board", ({ lender }) => lender.keys.enroll),
		rebind("Rebind, the binding signed by the command key", ({ lender }) => lender.keys.command),
		order("NewTerms, looser", () => ({ newTerms: { terms: newTerms({ unconfirmedReleaseSeconds: 13 * DAY }), consent: NONE } })),
		order(
			"NewTerms, harder, of the root, with consent",
			({ lender }) => ({ newTerms: { terms: HARDER, consent: lender.consent(HARDER) } }),
			({ lender }) => lender.keys.root.slice(0, 2),
		),
		order(
			"NewTerms, harder, of the root, without consent",
			({ lender }) => ({ newTerms: { terms: HARDER, consent: lender.consent() } }),
			({ lender }) => lender.keys.root.slice(0, 2),
		),
		order("NewTerms, harder, of the command key, with consent", ({ lender }) => ({
			newTerms: { terms: HARDER, consent: lender.consent(HARDER) },
		})),
		order(
			"NewTerms below the floor, of the root, with consent",
			({ lender }) => ({ newTerms: { terms: BELOW, consent: lender.consent(BELOW) } }),
			({ lender }) => lender.keys.root.slice(0, 2),
		),
		order("NewKeys, the next ones", ({ lender }) => ({ newKeys: { keySetEnvelopes: [nextKeys(lender.keys.root)] } })),
		order("NewKeys that the root never signed", () => ({ newKeys: { keySetEnvelopes: [nextKeys(keyring(31).root)] } })),
		order(
			"Release",
			() => ({ release: { certificateId: "P-1" } }),
			({ lender }) => lender.keys.release,
		),
		order(
			"Release, out of its turn",
			() => ({ sequence: 0, release: { certificateId: "P-1" } }),
			({ lender }) => lender.keys.release,
		),
	],
};

const extended: (at: StandingPhone) => Partial<wire.Order.$Properties> = () => ({ extend: { paidUntilUnixSeconds: A_YEAR_ON } });
const HARDER = newTerms({ unconfirmedReleaseSeconds: 15 * DAY });
const BELOW = newTerms({ ladder: { graceSeconds: 0, limitedDwellSeconds: 0, maxLevel: FULL } });

function newTerms(changes: Partial<wire.Terms.$Properties>): Uint8Array {
	return encode(wire.Terms, { ...standingTerms(), ...changes });
}

function nextKeys(root: readonly SymbolicSigner[]): Uint8Array {
	const lifetimes = { command: 80 * DAY, others: 800 * DAY };
	return keySetEnvelope({ ...keyring(11), root }, { version: 2, epoch: 1, lifetimes });
}

export const NO_AUTHORITY: Chapter = {
	title: "Orders without authority",
	rows: [
		order("Extend by the heartbeat key", extended, ({ lender }) => lender.keys.heartbeat),
		order("Extend by a key that only calls itself the command key", extended, ({ lender }) => [
			{ ...symbolicSigner(70), keyid: lender.keys.command[0]?.keyid ?? "" },
		]),
		order("Extend for another phone", () => ({ deviceId: "f".repeat(32), extend: { paidUntilUnixSeconds: A_YEAR_ON } })),
		order("Extend for another contract", () => ({ contractId: "C-9", extend: { paidUntilUnixSeconds: A_YEAR_ON } })),
		order("Extend of a later epoch", () => ({ epoch: 2, extend: { paidUntilUnixSeconds: A_YEAR_ON } })),
		order("Extend, replayed", ({ sequence }) => ({ sequence, extend: { paidUntilUnixSeconds: A_YEAR_ON } })),
		order(
			"Restrict by the release key",
			() => ({ reason: THEFT, restrict: { level: LIMITED } }),
			({ lender }) => lender.keys.release,
		),
		order("Release by the command key", () => ({ release: { certificateId: "P-1" } })),
		order("an order that says nothing", () => ({})),
		cable("bytes that are no order", () => ({ deliverOrders: { orderEnvelopes: [Uint8Array.of(1, 2, 3)] } })),
	],
};

export const CHAPTERS: readonly Chapter[] = [HOST, BORROWER, CABLE, ORDERS, NO_AUTHORITY];

/** What a row did to a phone at a standing. */
export interface Cell {
	readonly answer: string;
	/** Standings before and after, without their prefix. */
	readonly from: string;
	readonly to: string;
	/** Controls that are restricted after and were not before; and the other way round. */
	readonly taken: readonly string[];
	readonly given: readonly string[];
	/** Nothing at all is restricted after. */
	readonly isOpen: boolean;
}

/** Every phone, once; each cell plays on with a copy. */
function phones(): ReadonlyMap<StandingName, StandingPhone> {
	return new Map(STANDINGS.map((name) => [name, phoneAt(name)]));
}

function cellOf(row: Row, at: StandingPhone): Cell {
	const phone = new SymbolicPhone();
	phone.restore(at.phone.save());
	const before = { standing: phone.standing, restricted: phone.restricted };
	const answer = row.happen({ ...at, phone });
	const { standing, restricted } = phone;
	return {
		answer,
		from: before.standing,
		to: standing,
		taken: restricted.filter((control) => !before.restricted.includes(control)),
		given: before.restricted.filter((control) => !restricted.includes(control)),
		isOpen: restricted.length === 0,
	};
}

/** Every row at every standing. */
export function transitionTable(): ReadonlyMap<Row, ReadonlyMap<StandingName, Cell>> {
	const all = phones();
	return new Map(
		CHAPTERS.flatMap(({ rows }) => rows).map((row) => [row, new Map([...all].map(([name, at]) => [name, cellOf(row, at)]))]),
	);
}
