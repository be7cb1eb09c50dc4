import { createInterface } from "node:readline";

import { createDaemon } from "../../../../agent/daemon/daemon.ts";
import { FORMAT_VERSION, frameState } from "../../../../agent/daemon/ledger-file.ts";
import { borrowersRecord } from "../../../../agent/hosts/node/borrowers-record.ts";
import { decode, encode } from "../../../../proto/codec.ts";
import { PayloadType, wrap } from "../../../../proto/envelope.ts";
import { nobleCrypto } from "../../../../proto/noble-crypto.ts";
import { readRequestNumber } from "../../../../proto/request-number.ts";
import { timeCodeSecret, writeTimeCode } from "../../../../proto/time-code.ts";
import { wire } from "../../../../proto/wire.ts";
import { TestLender } from "../../test-lender.ts";

/**
 * What the Java tests cannot bring themselves: the agent's own daemon, a lender with real keys, and Node's borrower's record. A line
 * asks: a word, then its bytes in base64, `-` for none. A line answers in the same way.
 */
const lender = await TestLender.create();
lender.codeKey = new Uint8Array(32).fill(8);
const daemon = createDaemon({ crypto: nobleCrypto });

type Answer = (...given: Uint8Array[]) => Promise<readonly Uint8Array[]> | readonly Uint8Array[];

const text = (bytes: Uint8Array = new Uint8Array()) => Buffer.from(bytes).toString("utf8");
const NONE = new Uint8Array();

const ANSWERS: Readonly<Record<string, Answer>> = {
	/** Ledger and event to ledger and effects. */
	handle(ledger = NONE, event = NONE) {
		const handled = daemon.handle(ledger, event);
		return [handled.ledger, handled.effects];
	},
	/** A CableRequest that binds. */
	async bind() {
		return [encode(wire.CableRequest, { bind: await lender.bind() })];
	},
	/** A check-in's envelope, the time as text, and orders, to the reply's envelope. */
	async reply(checkIn = NONE, unixSeconds = NONE, ...orderEnvelopes) {
		return [await lender.reply(checkIn, Number(text(unixSeconds)), { orderEnvelopes })];
	},
	/** An order that was paid until a time given as text. */
	async paid(unixSeconds = NONE) {
		const extend = { paidUntilUnixSeconds: Number(text(unixSeconds)) };
		return [await lender.order({ reason: wire.ReasonCode.REASON_CODE_PAYMENT, extend })];
	},
	async release() {
		return [await lender.order({ reason: wire.ReasonCode.REASON_CODE_PAID_OFF, release: { certificateId: "P-1" } })];
	},
	/** A device key, and a request number as text, to the code that pays for some days, as text. */
	code(publicKey = NONE, request = NONE, days = NONE) {
		const { counterDigits = 0, nonce = 0 } = readRequestNumber(text(request)) ?? {};
		const { contractId = "" } = decode(wire.Terms, lender.terms);
		const address = { deviceId: lender.deviceId, contractId };
		const secret = timeCodeSecret(nobleCrypto, lender.codeKey, publicKey);
		const code = { kind: "set", value: Number(text(days)), counter: counterDigits, nonce } as const;
		return [Uint8Array.from(Buffer.from(writeTimeCode(nobleCrypto, secret, address, code)))];
	},
	/** A ledger to one that a newer agent wrote. */
	newer(ledger = NONE) {
		return [frameState(FORMAT_VERSION + 1, decode(wire.StoredLedger, ledger).state)];
	},
	/** Envelope of a checkpoint over so many decisions. */
	checkpoint(through = NONE) {
		return [checkpoint(Number(text(through)))];
	},
	/** A path and details: a record with one decision for each. */
	writeRecord(path = NONE, ...details) {
		const entries = details.map((detail, index) => ({
			decision: encode(wire.Decision, { number: index + 1, detail: text(detail) }),
		}));
		borrowersRecord(text(path)).append(decode(wire.HostEffects, encode(wire.HostEffects, { record: entries })).record);
		return [];
	},
	/** A path to the details of the decisions of its record. */
	readRecord(path = NONE) {
		return borrowersRecord(text(path))
			.last(10_000)
			.map(({ detail }) => Uint8Array.from(Buffer.from(detail)));
	},
};

function checkpoint(logLength: number): Uint8Array {
	const payload = encode(wire.RecordCheckpoint, { logLength, logHead: new Uint8Array(32) });
	return wrap(PayloadType.recordCheckpoint, payload, "key", new Uint8Array(64).fill(1));
}

for await (const line of createInterface({ input: process.stdin })) {
	const [word = "", ...given] = line.split(" ");
	const bytes = given.map((base64) => (base64 === "-" ? NONE : Uint8Array.from(Buffer.from(base64, "base64"))));
	const answered = (await ANSWERS[word]?.(...bytes)) ?? [];
	process.stdout.write(`${answered.map((one) => (one.length === 0 ? "-" : Buffer.from(one).toString("base64"))).join(" ")}\n`);
}
