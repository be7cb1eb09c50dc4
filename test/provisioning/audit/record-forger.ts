import { decode, encode, type Message } from "../../../proto/codec.ts";
import { keyidOf } from "../../../proto/crypto.ts";
import { PayloadType, preAuthenticationEncoding, wrap } from "../../../proto/envelope.ts";
import { readRecordFile, writeRecordFile } from "../../../proto/record-file.ts";
import { wire } from "../../../proto/wire.ts";
import { createNodeCrypto } from "../../../provisioning/registry/node-crypto.ts";
import type { TestPhone } from "../../agent/test-phone.ts";

const crypto = createNodeCrypto();

/** One entry, open for changes. */
export interface OpenEntry {
	decision: wire.Decision.$Properties;
	bound?: Message<wire.BindingEvidence.$Properties>;
	orderEnvelope?: Uint8Array;
	replyEnvelope?: Uint8Array;
}

/** A record taken apart. */
export interface OpenRecord {
	entries: OpenEntry[];
	checkpoint: wire.RecordCheckpoint.$Properties;
}

/** Takes a phone's record apart. */
export function openRecord(phone: TestPhone): OpenRecord {
	const file = readRecordFile(phone.takeRecord());
	const entries = file.entries.map((bytes): OpenEntry => {
		const { decision, bound, orderEnvelope, replyEnvelope } = decode(wire.RecordEntry, bytes);
		return {
			decision: decode(wire.Decision, decision),
			...(bound ? { bound } : {}),
			...(orderEnvelope ? { orderEnvelope } : {}),
			...(replyEnvelope ? { replyEnvelope } : {}),
		};
	});
	return { entries, checkpoint: decode(wire.RecordCheckpoint, decode(wire.Envelope, file.endsWith).payload) };
}

/** What a patched agent could do: put a record together again with numbers, chain and signature as they should be. */
export function sealRecord(phone: TestPhone, { entries, checkpoint }: OpenRecord): Uint8Array {
	let head: Uint8Array = new Uint8Array(32);
	const bytes = entries.map(({ decision: made, ...evidence }, index) => {
		const decision = encode(wire.Decision, { ...made, number: index + 1 });
		head = crypto.sha256(Uint8Array.from([...head, ...decision]));
		return encode(wire.RecordEntry, { decision, ...evidence });
	});
	return writeRecordFile({
		beginsAfter: new Uint8Array(),
		entries: bytes,
		endsWith: signCheckpoint(phone, { ...checkpoint, logHead: head, logLength: bytes.length }),
		devicePublicKey: phone.key.publicKey,
	});
}

/** A checkpoint signed by a phone's key. */
export function signCheckpoint(phone: Pick<TestPhone, "key">, checkpoint: wire.RecordCheckpoint.$Properties): Uint8Array {
	const payload = encode(wire.RecordCheckpoint, checkpoint);
	const signature = phone.key.signNow(preAuthenticationEncoding(PayloadType.recordCheckpoint, payload));
	return wrap(PayloadType.recordCheckpoint, payload, keyidOf(crypto, phone.key.publicKey), signature);
}
