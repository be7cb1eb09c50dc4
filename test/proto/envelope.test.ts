import { createPrivateKey, type JsonWebKey } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { encode, MAX_MESSAGE_BYTES } from "../../proto/codec.ts";
import type { Signer } from "../../proto/crypto.ts";
import {
	accept,
	countSignatures,
	MAX_SIGNATURES,
	PayloadType,
	preAuthenticationEncoding,
	readEnvelope,
	seal,
	sealBytes,
	wrap,
} from "../../proto/envelope.ts";
import { toLowS } from "../../proto/low-s.ts";
import { nobleCrypto } from "../../proto/noble-crypto.ts";
import { utf8 } from "../../proto/utf8.ts";
import { wire } from "../../proto/wire.ts";
import { cryptoImplementations as implementations, nodeCrypto } from "./crypto-implementations.ts";
import { codeOf, expectRefusal, expectRejection } from "./expect-refusal.ts";
import { describeVectors } from "./published-vectors.ts";
import { keyOf, newSigner, newSigners, signerOf } from "./test-signer.ts";

const [alice, bob, carol] = [newSigner(), newSigner(), newSigner()];
const order = { deviceId: "d", contractId: "c", lenderId: "l", epoch: 1, sequence: 1, restore: {} };

const sealOrder = (...signers: Signer[]) => seal(wire.Order, PayloadType.order, order, signers);
const acceptOrder = (bytes: Uint8Array, signers: readonly Signer[], threshold?: number) =>
	accept(nobleCrypto, wire.Order, PayloadType.order, bytes, signers.map(keyOf), threshold);

/** An envelope with these signatures, whatever `seal` would say to them. */
function forge(signatures: { keyid: string; sig: Uint8Array }[], change: wire.Envelope.$Properties = {}): Uint8Array {
	return encode(wire.Envelope, { payload: encode(wire.Order, order), payloadType: PayloadType.order, signatures, ...change });
}

async function signatureOf(signer: Signer): Promise<{ keyid: string; sig: Uint8Array }> {
	const sig = await signer.sign(preAuthenticationEncoding(PayloadType.order, encode(wire.Order, order)));
	return { keyid: signer.keyid, sig: toLowS(sig) };
}

/** The other valid form of a signature: s in the other half. */
function highS(signature: Uint8Array): Uint8Array {
	const n = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
	const s = n - BigInt(`0x${Buffer.from(signature.subarray(32)).toString("hex")}`);
	return Uint8Array.of(...signature.subarray(0, 32), ...Buffer.from(s.toString(16).padStart(64, "0"), "hex"));
}

interface DsseVector {
	payloadType: string;
	bodyUtf8: string;
	pae: string;
	publicKey: { x: string; y: string };
	testPrivateScalarD: string;
	envelope: { signatures: { sig: string }[] };
}

describeVectors(
	"the DSSE specification's example",
	"dsse/protocol_vector.json",
	(json) => json as DsseVector, // published file; a wrong shape fails the tests
	(vector) => {
		const coordinate = (decimal: string) => Buffer.from(BigInt(decimal).toString(16).padStart(64, "0"), "hex");
		const [x, y, d] = [vector.publicKey.x, vector.publicKey.y, vector.testPrivateScalarD].map(coordinate);
		const pae = preAuthenticationEncoding(vector.payloadType, utf8(vector.bodyUtf8));

		it("has our pre-authentication encoding", () => {
			expect(Buffer.from(pae).toString()).toBe(vector.pae);
		});

		it.each(implementations)("verifies with $name", ({ crypto }) => {
			const point = Uint8Array.from(Buffer.concat([Buffer.of(4), x ?? Buffer.of(), y ?? Buffer.of()]));
			const signature = Uint8Array.from(Buffer.from(vector.envelope.signatures[0]?.sig ?? "", "base64"));
			expect(crypto.verifyP256(point, pae, signature)).toBe(true);
			expect(crypto.verifyP256(point, utf8(vector.bodyUtf8), signature)).toBe(false);
		});

		it("has a key with which our own envelopes are made and accepted as well", async () => {
			const [jx = "", jy = "", jd = ""] = [x, y, d].map((part) => part?.toString("base64url"));
			const jwk: JsonWebKey = { kty: "EC", crv: "P-256", x: jx, y: jy, d: jd };
			const signer = signerOf(createPrivateKey({ key: jwk, format: "jwk" }));
			expect(acceptOrder(await sealOrder(signer), [signer]).message.sequence).toBe(1);
		});
	},
);

describe("the pre-authentication encoding", () => {
	it("counts bytes, not characters", () => {
		expect(Buffer.from(preAuthenticationEncoding("é", utf8("日本"))).toString()).toBe("DSSEv1 2 é 6 日本");
		expect(Buffer.from(preAuthenticationEncoding("", new Uint8Array())).toString()).toBe("DSSEv1 0  0 ");
	});

	it("never says the same of two different pairs", () => {
		const text = fc.string({ unit: fc.constantFrom("1", " ", "a"), maxLength: 6 });
		fc.assert(
			fc.property(text, text, text, text, (typeA, bodyA, typeB, bodyB) => {
				fc.pre(typeA !== typeB || bodyA !== bodyB);
				expect(preAuthenticationEncoding(typeA, utf8(bodyA))).not.toEqual(preAuthenticationEncoding(typeB, utf8(bodyB)));
			}),
			{ numRuns: 1000 },
		);
	});

	it("keeps every kind of payload apart by its own media type", () => {
		expect(new Set(Object.values(PayloadType)).size).toBe(Object.keys(PayloadType).length);
	});
});

describe("an accepted envelope", () => {
	it.each(implementations)("gives the message, the signed bytes and who signed ($name)", async ({ crypto }) => {
		const accepted = accept(crypto, wire.Order, PayloadType.order, await sealOrder(alice), [keyOf(bob), keyOf(alice)]);
		expect(accepted.message).toMatchObject(order);
		expect(accepted.payload).toEqual(encode(wire.Order, order));
		expect(accepted.signedBy).toEqual([alice.keyid]);
	});

	it("may hold signatures in any order", async () => {
		const [a, b] = [await signatureOf(alice), await signatureOf(bob)];
		expect(acceptOrder(forge([a, b]), [bob, alice], 2).signedBy).toEqual([alice.keyid, bob.keyid]);
		expect(acceptOrder(forge([b, a]), [bob, alice], 2).signedBy).toEqual([bob.keyid, alice.keyid]);
	});

	it("may hold signatures of unknown keys and bad ones: they count for nothing", async () => {
		const [a, b] = [await signatureOf(alice), await signatureOf(bob)];
		const bad = { keyid: carol.keyid, sig: a.sig };
		const bytes = forge([b, bad, a]);
		expect(acceptOrder(bytes, [alice, carol]).signedBy).toEqual([alice.keyid]);
		expectRefusal("THRESHOLD_NOT_MET", () => acceptOrder(bytes, [alice, carol], 2));
	});

	it("does not change when the caller's buffer does", async () => {
		const buffer = Buffer.from(await sealOrder(alice));
		const { payload, message } = acceptOrder(buffer, [alice]);
		buffer.fill(0);
		expect(payload).toEqual(encode(wire.Order, order));
		expect(message.deviceId).toBe("d");
	});

	it("is refused with any one bit flipped, when its one signature is needed", async () => {
		const bytes = await sealOrder(alice);
		const refused = new Set<string>();
		for (let bit = 0; bit < bytes.length * 8; bit += 1) {
			const flipped = Uint8Array.from(bytes);
			flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
			const code = codeOf(() => accept(nodeCrypto, wire.Order, PayloadType.order, flipped, [keyOf(alice)]));
			expect([bit, code]).not.toEqual([bit, "accepted"]);
			refused.add(code);
		}
		expect([...refused]).toEqual(expect.arrayContaining(["THRESHOLD_NOT_MET", "WRONG_TYPE", "MALFORMED", "BAD_SIGNATURE"]));
	});

	it("is refused cut short at every byte, or with one more", async () => {
		const bytes = await sealOrder(alice);
		for (let length = 0; length < bytes.length; length += 1) {
			expect(codeOf(() => acceptOrder(bytes.subarray(0, length), [alice]))).not.toBe("accepted");
		}
		for (let extra = 0; extra < 256; extra += 1) {
			expect(codeOf(() => acceptOrder(Uint8Array.of(...bytes, extra), [alice]))).not.toBe("accepted");
		}
	});
});

describe("thresholds", () => {
	it("count different keys", async () => {
		const bytes = await sealOrder(alice, bob);
		expect(acceptOrder(bytes, [alice, bob, carol], 2).signedBy).toEqual([alice.keyid, bob.keyid]);
		expectRefusal("THRESHOLD_NOT_MET", () => acceptOrder(bytes, [alice, bob, carol], 3));
		expectRefusal("THRESHOLD_NOT_MET", () => acceptOrder(bytes, [carol]));
		expectRefusal("THRESHOLD_NOT_MET", () => acceptOrder(bytes, []));
	});

	it("of less than one, or of no number, are never met", async () => {
		const bytes = await sealOrder(alice);
		for (const threshold of [0, -1, Number.NaN, 1.5]) {
			expectRefusal("THRESHOLD_NOT_MET", () => acceptOrder(bytes, [alice], threshold));
		}
	});

	it("count a key under two ids once", async () => {
		const { sig } = await signatureOf(alice);
		const keys = [keyOf(alice), { keyid: "other", point: Uint8Array.from(alice.publicKey) }];
		const bytes = forge([
			{ keyid: alice.keyid, sig },
			{ keyid: "other", sig },
		]);
		expect(countSignatures(nobleCrypto, readEnvelope(bytes, PayloadType.order), keys)).toEqual([alice.keyid]);
		expectRefusal("THRESHOLD_NOT_MET", () => accept(nobleCrypto, wire.Order, PayloadType.order, bytes, keys, 2));
	});

	it("do not count two different signatures by one key", async () => {
		const [one, two] = [await signatureOf(alice), await signatureOf(alice)];
		expect(one.sig).not.toEqual(two.sig); // OpenSSL draws its nonces
		expectRefusal("DUPLICATE_SIGNATURE", () => acceptOrder(forge([one, two]), [alice, bob], 2));
	});
});

describe("an envelope's frame is refused", () => {
	it("unsigned", () => {
		expectRefusal("UNSIGNED", () => acceptOrder(forge([]), [alice]));
		expectRefusal("WRONG_TYPE", () => acceptOrder(new Uint8Array(), [alice]));
	});

	it("with two signatures under one id, even of an unknown key", async () => {
		const [a, b] = [await signatureOf(alice), await signatureOf(bob)];
		expectRefusal("DUPLICATE_SIGNATURE", () => acceptOrder(forge([a, b, { ...b }]), [alice]));
	});

	it("with the other valid form of a signature, s in the upper half", async () => {
		const { keyid, sig } = await signatureOf(alice);
		const high = highS(sig);
		const message = preAuthenticationEncoding(PayloadType.order, encode(wire.Order, order));
		for (const { crypto } of implementations) expect(crypto.verifyP256(alice.publicKey, message, high)).toBe(true);
		expectRefusal("BAD_SIGNATURE", () => acceptOrder(forge([{ keyid, sig: high }]), [alice]));
	});

	it.each([0, 63, 65, 70, 72])("with a signature of %d bytes", async (length) => {
		const { keyid } = await signatureOf(alice);
		expectRefusal("BAD_SIGNATURE", () => acceptOrder(forge([{ keyid, sig: new Uint8Array(length).fill(1) }]), [alice]));
	});

	it("with more signatures than it may carry, before any is tried", async () => {
		const signers = newSigners(MAX_SIGNATURES + 1);
		const signatures = await Promise.all(signers.map(signatureOf));
		const untried = { ...nobleCrypto, verifyP256: () => expect.unreachable("a signature was tried") };
		expect(acceptOrder(forge(signatures.slice(1)), signers, MAX_SIGNATURES).signedBy.length).toBe(MAX_SIGNATURES);
		expectRefusal("TOO_LARGE", () => accept(untried, wire.Order, PayloadType.order, forge(signatures), signers.map(keyOf)));
	});

	it("of another kind: what was signed as a binding is no order, and cannot be relabelled", async () => {
		const sealed = await sealBytes(PayloadType.binding, encode(wire.Order, order), [alice]);
		expectRefusal("WRONG_TYPE", () => acceptOrder(sealed, [alice]));
		const { signatures } = readEnvelope(sealed, PayloadType.binding);
		expectRefusal("THRESHOLD_NOT_MET", () => acceptOrder(forge(signatures), [alice]));
		expectRefusal("WRONG_TYPE", () => acceptOrder(forge(signatures, { payloadType: `${PayloadType.order} ` }), [alice]));
	});

	it("in any other encoding than its one", async () => {
		const { keyid, sig } = await signatureOf(alice);
		const payload = encode(wire.Envelope, { payload: encode(wire.Order, order) });
		const rest = encode(wire.Envelope, { payloadType: PayloadType.order, signatures: [{ keyid, sig }] });
		expect(codeOf(() => acceptOrder(Uint8Array.of(...payload, ...rest), [alice]))).toBe("accepted");
		expectRefusal("NOT_CANONICAL", () => acceptOrder(Uint8Array.of(...rest, ...payload), [alice]));
		expectRefusal("NOT_CANONICAL", () => acceptOrder(Uint8Array.of(...payload, ...payload, ...rest), [alice]));
	});
});

describe("a payload", () => {
	/** A well-signed envelope around bytes that `seal` would not sign. */
	const signed = (payload: Uint8Array) => sealBytes(PayloadType.order, payload, [alice]);

	it("that is well signed is still refused in any other encoding than its one", async () => {
		const canonical = encode(wire.Order, order);
		for (const bytes of [
			Uint8Array.of(...canonical, 0x20, 1), // epoch again
			Uint8Array.of(...canonical, 0xca, 1, 0), // a second action: release
			Uint8Array.of(...canonical, 0x98, 6, 1), // field 99
			Uint8Array.of(0x40, 0, ...canonical), // reason, explicitly unspecified
		]) {
			const envelope = await signed(bytes);
			expectRefusal("NOT_CANONICAL", () => acceptOrder(envelope, [alice]));
		}
		const cut = await signed(canonical.subarray(0, -1));
		expectRefusal("MALFORMED", () => acceptOrder(cut, [alice]));
	});

	it("that is not well signed is not even decoded", () => {
		const bytes = forge([{ keyid: alice.keyid, sig: new Uint8Array(64).fill(1) }]);
		const type: typeof wire.Order = new Proxy(wire.Order, { get: () => expect.unreachable("decoded") });
		expectRefusal("THRESHOLD_NOT_MET", () => accept(nobleCrypto, type, PayloadType.order, bytes, [keyOf(alice)]));
	});
});

describe("sealing", () => {
	it("gives what is accepted, whichever half the signer's s is in", async () => {
		for (let round = 0; round < 10; round += 1) expect(acceptOrder(await sealOrder(alice, bob), [alice, bob], 2)).toBeDefined();
	});

	it("needs somebody to sign", async () => {
		await expectRejection("UNSIGNED", sealOrder());
	});

	it("takes each key once, whatever it is called", async () => {
		await expectRejection("DUPLICATE_SIGNATURE", sealOrder(alice, { ...alice }));
		await expectRejection("DUPLICATE_SIGNATURE", sealOrder(alice, { ...alice, keyid: "other" }));
		await expectRejection("DUPLICATE_SIGNATURE", sealOrder(alice, { ...bob, keyid: alice.keyid }));
	});

	it("takes no more signers than an envelope carries", async () => {
		await expectRejection("TOO_LARGE", sealOrder(...newSigners(MAX_SIGNATURES + 1)));
	});

	it("refuses a signer that gives DER", async () => {
		const der: Signer = { ...alice, sign: async () => Uint8Array.of(0x30, 0x44, ...new Uint8Array(68)) };
		await expectRejection("BAD_SIGNATURE", sealOrder(der));
		expectRefusal("BAD_SIGNATURE", () => wrap(PayloadType.checkIn, new Uint8Array(1), "k", new Uint8Array(70).fill(1)));
	});

	it("asks nobody to sign what nobody would accept", async () => {
		const signer: Signer = { ...alice, sign: () => expect.unreachable("was asked to sign") };
		const twoActions = { ...order, release: { certificateId: "x" } };
		await expectRejection("NOT_CANONICAL", seal(wire.Order, PayloadType.order, twoActions, [signer]));
		await expectRejection("UNSAFE_INTEGER", seal(wire.Order, PayloadType.order, { ...order, epoch: -1 }, [signer]));
		const terms = { terms: new Uint8Array(MAX_MESSAGE_BYTES) };
		await expectRejection("TOO_LARGE", seal(wire.Order, PayloadType.order, { epoch: 1, newTerms: terms }, [signer]));
	});

	it("refuses a payload that no longer fits once it is wrapped", async () => {
		await expectRejection("TOO_LARGE", sealBytes(PayloadType.order, new Uint8Array(MAX_MESSAGE_BYTES - 10), [alice]));
	});

	it("wraps a signature made elsewhere", async () => {
		const payload = encode(wire.CheckIn, { counter: 1 });
		const signature = await alice.sign(preAuthenticationEncoding(PayloadType.checkIn, payload));
		const bytes = wrap(PayloadType.checkIn, payload, alice.keyid, signature);
		expect(accept(nobleCrypto, wire.CheckIn, PayloadType.checkIn, bytes, [keyOf(alice)]).message.counter).toBe(1);
	});
});
