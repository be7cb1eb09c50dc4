import fc from "fast-check";

import { claimedGeneration, closeLedger, FORMAT_VERSION, frameState, openLedger } from "../../../agent/daemon/ledger-file.ts";
import { readAgreement } from "../../../agent/policy/terms.ts";
import { decode, decodeCanonical, encode, equalBytes } from "../../../proto/codec.ts";
import { PayloadType, readEnvelope } from "../../../proto/envelope.ts";
import { ProtocolError } from "../../../proto/error.ts";
import { acceptReceipt } from "../../../proto/receipt.ts";
import { readRecordFile, writeRecordFile } from "../../../proto/record-file.ts";
import { acceptFirstKeySet, acceptNextKeySet } from "../../../proto/roles.ts";
import { wire } from "../../../proto/wire.ts";
import { auditRecord } from "../../../provisioning/audit/audit-record.ts";
import { everyMessage } from "../../proto/every-message.ts";
import { keyring, keySetEnvelope, SymbolicLender } from "../../prove/lender.ts";
import { phoneAt, standingTerms, storedBy } from "../../prove/standing-phones.ts";
import { symbolicCrypto } from "../../prove/symbolic-crypto.ts";
import { type FuzzTarget, type Outcome, require } from "../target.ts";

const SEED = 7;
/** Every signature is good: what is behind it is what is asked here. */
const believer = { ...symbolicCrypto, verifyP256: () => true };
const lender = () => new SymbolicLender(standingTerms(), keyring(1));

/** `refused` if it throws what the wire throws. */
function unlessRefused(read: () => void): Outcome {
	try {
		read();
		return "taken";
	} catch (error) {
		if (error instanceof ProtocolError) return "refused";
		throw error;
	}
}

/** Samples of each type, the type's number before each. */
function messageTarget(): FuzzTarget {
	const types = everyMessage();
	return {
		name: "wire/every-message",
		form: "message",
		samples: () =>
			types.flatMap(({ type, arbitrary }, index) =>
				fc.sample(arbitrary, { seed: SEED, numRuns: 40 }).flatMap((message) => {
					try {
						return [encode(wire.Envelope, { payloadType: String(index), payload: encode(type, message) })];
					} catch {
						return []; // no encoder would write it
					}
				}),
			),
		run: (input) => {
			// An envelope is only what carries it here: the mutator changes what is inside as a message, too.
			let index: number;
			let payload: Uint8Array;
			try {
				const carried = decode(wire.Envelope, input);
				[index, payload] = [Number(carried.payloadType) || 0, carried.payload];
			} catch (error) {
				if (error instanceof ProtocolError) return "refused";
				throw error;
			}
			const { type } = types[Math.floor(index) % types.length] ?? types[0] ?? { type: wire.Envelope };
			return unlessRefused(() => {
				const message = decode(type, payload);
				const written = encode(type, message);
				require(equalBytes(encode(type, decodeCanonical(type, written)), written), "what is read is written in the one form");
				// A negative number may come in five bytes, and is written in ten.
				require(written.length <= 2 * payload.length, "reading makes nothing much larger");
			});
		},
	};
}

const envelopeTarget: FuzzTarget = {
	name: "wire/envelope",
	form: "message",
	samples: () => {
		const one = lender();
		return [one.firstKeySet, one.order({ sequence: 1, restore: {} }, one.keys.command), one.binding()];
	},
	run: (input) => {
		const read = (type: PayloadType) =>
			unlessRefused(() => {
				const envelope = readEnvelope(input, type);
				require(equalBytes(encode(wire.Envelope, envelope), input), "an envelope has one form");
				require(envelope.payloadType === type, "it is of the type that was asked for");
			});
		const taken = [PayloadType.order, PayloadType.keySet, PayloadType.binding].filter((type) => read(type) === "taken");
		require(taken.length <= 1, "it is of one type");
		return taken.length === 1 ? "taken" : "refused";
	},
};

function keySetTarget(): FuzzTarget {
	const { firstKeySet, keys, lifetimes } = lender();
	const second = keySetEnvelope(keys, { version: 2, epoch: 1, lifetimes });
	const first = acceptFirstKeySet(symbolicCrypto, firstKeySet);
	return {
		name: "wire/key-set",
		form: "message",
		samples: () => [firstKeySet, second],
		run: (input) => {
			const next = unlessRefused(() => {
				const taken = acceptNextKeySet(believer, first, input);
				require(taken.version === first.version + 1 && taken.epoch >= first.epoch, "versions go up by one, epochs never down");
			});
			const alone = unlessRefused(() => {
				const taken = acceptFirstKeySet(believer, input);
				require(new Set(taken.roles.flatMap(({ keyids }) => keyids)).size === taken.keys.length, "each key has one role");
				require(taken.roles.length === 5, "every role is granted");
			});
			return next === "taken" || alone === "taken" ? "taken" : "refused";
		},
	};
}

const receiptTarget: FuzzTarget = {
	name: "wire/receipt",
	form: "message",
	samples: () => {
		const payload = encode(wire.BindingReceipt, {
			deviceId: "d",
			contractId: "C-1",
			devicePublicKey: keyring(1).enroll[0]?.publicKey ?? null,
			imeis: ["866907051234564"],
			serial: "S",
		});
		const keyid = keyring(1).enroll[0]?.keyid ?? "";
		const sig = new Uint8Array(64).fill(1);
		return [encode(wire.Envelope, { payload, payloadType: PayloadType.bindingReceipt, signatures: [{ keyid, sig }] })];
	},
	run: (input) => unlessRefused(() => void acceptReceipt(believer, input)),
};

const termsTarget: FuzzTarget = {
	name: "agent/terms",
	form: "message",
	samples: () => [encode(wire.Terms, standingTerms())],
	run: (input) => {
		const read = readAgreement(input);
		if ("problem" in read) return "refused";
		require(read.terms.instalments.length > 0 && read.terms.languages.length > 0, "terms that are taken can be shown");
		return "taken";
	},
};

const ledgerTarget: FuzzTarget = {
	name: "agent/ledger",
	form: "message",
	samples: () =>
		(["grace", "full", "held", "released", "pending"] as const).map(
			(name) => decode(wire.StoredLedger, storedBy(phoneAt(name).phone).ledger).state,
		),
	run: (state) => {
		claimedGeneration(state);
		openLedger(symbolicCrypto, state);
		// With its checksum made good, so that what is inside is read.
		const opened = openLedger(symbolicCrypto, frameState(FORMAT_VERSION, state));
		if (opened.kind === "none" || opened.kind === "newer") return "refused";
		const closed = closeLedger(opened.ledger);
		const again = openLedger(symbolicCrypto, closed);
		require(again.kind === "ledger" && equalBytes(closeLedger(again.ledger), closed), "what is stored is read as it was stored");
		return opened.kind === "ledger" ? "taken" : "refused";
	},
};

const recordTarget: FuzzTarget = {
	name: "audit/record-file",
	form: "message",
	cost: 4,
	samples: () => [
		writeRecordFile({
			beginsAfter: new Uint8Array(),
			entries: [encode(wire.RecordEntry, { decision: encode(wire.Decision, { number: 1 }) })],
			endsWith: encode(wire.Envelope, {
				payload: encode(wire.RecordCheckpoint, { logLength: 1 }),
				payloadType: PayloadType.recordCheckpoint,
				signatures: [{ keyid: keyring(1).enroll[0]?.keyid ?? "", sig: new Uint8Array(64).fill(1) }],
			}),
			devicePublicKey: keyring(1).enroll[0]?.publicKey ?? new Uint8Array(65),
		}),
	],
	run: (input) => {
		auditRecord({ crypto: believer }, input);
		return unlessRefused(() => {
			const parts = readRecordFile(input);
			require(parts.formatVersion !== 1 || equalBytes(writeRecordFile(parts), input), "a record file has one form");
		});
	},
};

/** What is signed, or comes off the wire, or was stored. The agent's whole function has a fuzzer of its own: `scripts/prove --fuzz`. */
export const wireTargets = (): FuzzTarget[] => [
	envelopeTarget,
	messageTarget(),
	keySetTarget(),
	receiptTarget,
	termsTarget,
	ledgerTarget,
	recordTarget,
];
