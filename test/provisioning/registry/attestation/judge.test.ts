import { Buffer } from "node:buffer";
import { createHash, generateKeyPairSync } from "node:crypto";

import { assert, constantFrom, integer, property, uint8Array } from "fast-check";
import { describe, expect, it, test } from "vitest";

import type { AttestationTrust } from "../../../../provisioning/registry/attestation/check-chain.ts";
import type { AttestationRequirements } from "../../../../provisioning/registry/attestation/check-statement.ts";
import { FINDINGS, type FindingCode } from "../../../../provisioning/registry/attestation/finding-codes.ts";
import { judgeAttestation } from "../../../../provisioning/registry/attestation/judge.ts";
import {
	AGENT_CERTIFICATE,
	appId,
	type ChainChanges,
	type Claim,
	healthyClaim,
	makeAttestationCa,
	rootOfTrust,
	Tag,
	withTag,
} from "../../../lab/attestation-ca.ts";
import * as der from "../../../lab/der-writer.ts";
import { hasVectors, vectorChains } from "./vectors.ts";

/** 2026-06-01T12:00:00Z. */
const NOW = 1_780_315_200;
const DAY = 24 * 3600;
const IMEIS = ["356938035643809", "356938035643817"] as const;
const ca = makeAttestationCa(NOW);
const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
const POINT = Uint8Array.from(publicKey.export({ type: "spki", format: "der" }).subarray(-65));
const CHALLENGE = createHash("sha256").update("binding").digest();
const HEALTHY = healthyClaim(CHALLENGE);

const TRUST: AttestationTrust = {
	version: 3,
	expiresAtSeconds: NOW + 30 * DAY,
	roots: new Map([[ca.rootSha256, ca.rootName]]),
	status: new Map(),
};
const ASKED: AttestationRequirements = {
	packageName: "dev.holdfast.agent",
	agentCertificates: [AGENT_CERTIFICATE.toString("hex")],
	bootKeys: [],
	osPatchFloor: 202601,
	vendorPatchFloor: 20260101,
	bootPatchFloor: 20260101,
	needsId: false,
	anyTagOrder: false,
};

interface Case {
	readonly claim?: Claim;
	readonly chain?: readonly Uint8Array[];
	readonly changes?: ChainChanges;
	readonly trust?: Partial<AttestationTrust>;
	readonly asked?: Partial<AttestationRequirements>;
	readonly at?: number;
	readonly key?: Uint8Array;
}

function judge({
	claim = HEALTHY,
	changes,
	chain = ca.attest(POINT, claim, changes),
	trust,
	asked,
	at = NOW,
	key = POINT,
}: Case) {
	return judgeAttestation(
		{ chain, devicePublicKey: key, expected: { challenge: CHALLENGE, imeis: IMEIS, serial: "SN1" } },
		{ trust: { ...TRUST, ...trust }, requirements: { ...ASKED, ...asked }, validAtSeconds: at, nowSeconds: at },
	);
}

const codes = (each: Case) => judge(each).findings.map(({ code }) => code);
const hardware = (tag: number, value?: Uint8Array): Case => ({
	claim: { ...HEALTHY, hardware: withTag(HEALTHY.hardware, tag, value) },
});
const software = (tag: number, value?: Uint8Array): Case => ({
	claim: { ...HEALTHY, software: withTag(HEALTHY.software, tag, value) },
});
/** Taken out of what hardware enforces and put among what software says. */
function moved(tag: number): Case {
	const value = HEALTHY.hardware.get(tag);
	const list = new Map([...withTag(HEALTHY.software, tag, value)].sort(([a], [b]) => a - b));
	return { claim: { ...HEALTHY, software: list, hardware: withTag(HEALTHY.hardware, tag) } };
}
const attestedImei = (tag: number, imei: string, list = HEALTHY.hardware): Map<number, Uint8Array> =>
	new Map([...withTag(list, tag, der.octets(Buffer.from(imei)))].sort(([a], [b]) => a - b));
const backwards: Case = { claim: { ...HEALTHY, hardware: new Map([...HEALTHY.hardware].reverse()) } };
const otherPoint = () =>
	Uint8Array.from(
		generateKeyPairSync("ec", { namedCurve: "P-256" }).publicKey.export({ type: "spki", format: "der" }).subarray(-65),
	);

/** One change to a healthy chain, or to what is asked, and all that is found of it. The first that is no note decides. */
const CASES: readonly (readonly [string, Case, ...FindingCode[]])[] = [
	["a chain of another root", { trust: { roots: new Map([["0".repeat(64), "another"]]) } }, "ROOT_UNKNOWN"],
	["a revoked certificate", { trust: { status: new Map([["a1b2c3d", "REVOKED"]]) } }, "CERTIFICATE_REVOKED"],
	["a suspended certificate", { trust: { status: new Map([["a1b2c3d", "SUSPENDED"]]) } }, "CERTIFICATE_SUSPENDED"],
	["the root revoked", { trust: { status: new Map([["f00d", "REVOKED"]]) } }, "CERTIFICATE_REVOKED"],
	["no list of revoked certificates", { trust: { status: undefined } }, "REVOCATION_UNKNOWN"],
	["lists that are too old", { trust: { expiresAtSeconds: NOW } }, "TRUST_EXPIRED"],
	["an expired signer of a factory", { changes: { signerDates: [0, NOW - 1] } }, "FACTORY_CERTIFICATE_EXPIRED"],
	[
		"an expired signer that was fetched",
		{ changes: { signerDates: [0, NOW - 1], provisioning: "remote" } },
		"CERTIFICATE_EXPIRED",
	],
	["a signer of tomorrow", { changes: { signerDates: [NOW + 1, NOW + DAY] } }, "CERTIFICATE_NOT_YET_VALID"],
	["an issuer that is none", { changes: { signerIsCa: false } }, "ISSUER_NOT_CA"],
	["another issuer's name", { changes: { leafIssuer: "somebody" } }, "NAMES_DO_NOT_CHAIN"],
	[
		"a certificate left out",
		{ chain: ca.attest(POINT, HEALTHY).filter((_, index) => index !== 1) },
		"NAMES_DO_NOT_CHAIN",
		"SIGNATURE_BAD",
	],
	["the root left out", { chain: ca.attest(POINT, HEALTHY).slice(0, -1) }, "NAMES_DO_NOT_CHAIN", "SIGNATURE_BAD", "ROOT_UNKNOWN"],
	["another key than the phone's", { key: otherPoint() }, "KEY_MISMATCH"],
	["no attestation in it", { changes: { withoutDescription: true } }, "EXTENSION_MISSING"],
	[
		"an attestation of its signer alone",
		{ changes: { withoutDescription: true, signerClaim: HEALTHY } },
		"EXTENSION_NOT_IN_LEAF",
	],
	["a second attestation nearer the root", { changes: { signerClaim: HEALTHY } }, "EXTENSION_HIDDEN"],
	["a newer version", { claim: { ...HEALTHY, version: 500 } }, "EXTENSION_UNSUPPORTED"],
	["a tag that nobody knows", hardware(799, der.nothing()), "EXTENSION_UNSUPPORTED"],
	["tags out of order", backwards, "TAGS_OUT_OF_ORDER"],
	["tags out of order, which is allowed", { ...backwards, asked: { anyTagOrder: true } }, "TAGS_OUT_OF_ORDER_ALLOWED"],
	["an attestation by software", { claim: { ...HEALTHY, attestationLevel: 0 } }, "ATTESTED_BY_SOFTWARE"],
	["a key in software", { claim: { ...HEALTHY, keyMintLevel: 0 } }, "KEY_IN_SOFTWARE"],
	["no root of trust", hardware(Tag.rootOfTrust), "ROOT_OF_TRUST_MISSING"],
	["an unlocked bootloader", hardware(Tag.rootOfTrust, rootOfTrust({ locked: false })), "BOOTLOADER_UNLOCKED"],
	["true in another way", hardware(Tag.rootOfTrust, rootOfTrust({ locked: 1 })), "BOOLEAN_NOT_DER"],
	["an unverified boot", hardware(Tag.rootOfTrust, rootOfTrust({ state: 2 })), "BOOT_NOT_VERIFIED"],
	["a failed boot", hardware(Tag.rootOfTrust, rootOfTrust({ state: 3 })), "BOOT_NOT_VERIFIED"],
	["a self-signed boot", hardware(Tag.rootOfTrust, rootOfTrust({ state: 1 })), "BOOT_KEY_NOT_PINNED"],
	["another challenge", { claim: { ...HEALTHY, challenge: new Uint8Array(32) } }, "CHALLENGE_MISMATCH"],
	[
		"the challenge and a byte more",
		{ claim: { ...HEALTHY, challenge: Buffer.concat([CHALLENGE, Buffer.of(0)]) } },
		"CHALLENGE_MISMATCH",
	],
	["an imported key", hardware(Tag.origin, der.integer(2)), "ORIGIN_NOT_GENERATED"],
	["a key of no said origin", hardware(Tag.origin), "ORIGIN_NOT_GENERATED"],
	["a key that decrypts", hardware(Tag.purpose, der.setOf(der.integer(1), der.integer(2))), "PURPOSE_WRONG"],
	["a key that attests others", hardware(Tag.purpose, der.setOf(der.integer(7))), "PURPOSE_WRONG"],
	[
		"another app",
		software(Tag.attestationApplicationId, der.octets(appId("dev.holdfast.other", AGENT_CERTIFICATE))),
		"APP_WRONG",
	],
	[
		"another signer",
		software(Tag.attestationApplicationId, der.octets(appId("dev.holdfast.agent", new Uint8Array(32)))),
		"APP_SIGNER_WRONG",
	],
	["no app", software(Tag.attestationApplicationId), "APP_UNKNOWN"],
	["a signer that nobody named", { asked: { agentCertificates: [] } }, "APP_SIGNER_NOT_COMPARED"],
	["an old system", hardware(Tag.osPatchLevel, der.integer(202512)), "OS_PATCH_OLD"],
	["a system of no date", hardware(Tag.osPatchLevel, der.integer(0)), "OS_PATCH_OLD"],
	["an old maker's part", hardware(Tag.vendorPatchLevel, der.integer(20251231)), "VENDOR_PATCH_OLD"],
	["an old start", hardware(Tag.bootPatchLevel), "BOOT_PATCH_OLD"],
	["another IMEI", { claim: { ...HEALTHY, hardware: attestedImei(Tag.attestationIdImei, "351111111111119") } }, "IMEI_DIFFERS"],
	[
		"another second IMEI",
		{ claim: { ...HEALTHY, hardware: attestedImei(Tag.attestationIdSecondImei, "351111111111119") } },
		"IMEI_DIFFERS",
	],
	["another serial number", { claim: { ...HEALTHY, hardware: attestedImei(Tag.attestationIdSerial, "SN2") } }, "SERIAL_DIFFERS"],
	["no IMEI where one is asked for", { asked: { needsId: true } }, "ID_NOT_ATTESTED"],
	["the origin in software", moved(Tag.origin), "ENFORCED_BY_SOFTWARE", "ORIGIN_NOT_GENERATED"],
	["the root of trust in software", moved(Tag.rootOfTrust), "ENFORCED_BY_SOFTWARE", "ROOT_OF_TRUST_MISSING"],
	["the purpose in software", moved(Tag.purpose), "ENFORCED_BY_SOFTWARE", "PURPOSE_WRONG"],
	["the system's patch in software", moved(Tag.osPatchLevel), "ENFORCED_BY_SOFTWARE", "OS_PATCH_OLD"],
	[
		"an IMEI in software",
		{
			claim: { ...HEALTHY, software: attestedImei(Tag.attestationIdImei, IMEIS[0], HEALTHY.software) },
			asked: { needsId: true },
		},
		"ENFORCED_BY_SOFTWARE",
		"ID_NOT_ATTESTED",
	],
	["too many certificates", { chain: Array.from({ length: 11 }, () => new Uint8Array(10)) }, "CHAIN_TOO_LONG"],
	["a certificate of 13 KiB", { chain: [new Uint8Array(13 * 1024)] }, "CERTIFICATE_TOO_LARGE"],
	["rubbish", { chain: [Uint8Array.of(1, 2, 3)] }, "CERTIFICATE_UNREADABLE"],
	["an empty certificate", { chain: [new Uint8Array()] }, "CERTIFICATE_UNREADABLE"],
	[
		"a byte after a certificate",
		{ chain: ca.attest(POINT, HEALTHY).map((each) => Buffer.concat([each, Buffer.of(0)])) },
		"CERTIFICATE_UNREADABLE",
	],
];

/** Sorted by tag, as everything but the case for their order wants them. */
const inOrder = (each: Case): Case =>
	each.claim && each !== backwards && each.asked?.anyTagOrder !== true
		? { ...each, claim: { ...each.claim, hardware: new Map([...each.claim.hardware].sort(([a], [b]) => a - b)) } }
		: each;

describe("a chain", () => {
	it("passes when all that is asked for is attested", () => {
		expect(judge({})).toEqual({
			result: "passed",
			findings: [],
			facts: {
				attestationVersion: 300,
				securityLevel: "trusted_environment",
				bootloaderLocked: true,
				bootState: "verified",
				osPatchLevel: 202605,
				vendorPatchLevel: 20260505,
				bootPatchLevel: 20260505,
				provisioning: "factory",
				root: ca.rootName,
			},
			serials: ["1", "a1b2c3d", "2002", "f00d"],
		});
	});

	it("passes from StrongBox, and in every version that is known", () => {
		expect(judge({ claim: { ...HEALTHY, attestationLevel: 2, keyMintLevel: 2 } }).result).toBe("passed");
		for (const version of [1, 2, 3, 4, 100, 200, 300, 400])
			expect(judge({ claim: { ...HEALTHY, version } }).result).toBe("passed");
	});

	it("is absent, and nothing else, when there is none", () => {
		expect(judge({ chain: [] })).toEqual({ result: "absent", findings: [], facts: {}, serials: [] });
	});

	it.each(CASES.map(([says, each, ...found]) => ({ says, each, found })))("with $says is judged by it", ({ each, found }) => {
		const verdict = judge(inOrder(each));
		expect(verdict.findings.map(({ code }) => code)).toEqual(found);
		const weights: readonly string[] = found.map((code) => FINDINGS[code].weight);
		const result = weights.includes("failed") ? "failed" : weights.includes("cannot_verify") ? "cannot_verify" : "passed";
		expect(verdict.result).toBe(result);
	});

	it("has a case for every finding but those that real chains show", () => {
		const shown = new Set<string>(CASES.flatMap(([, , ...expected]) => expected));
		const elsewhere = ["ALGORITHM_UNSUPPORTED", "EXTENSION_UNREADABLE", "USES_LIMITED"];
		expect(
			Object.keys(FINDINGS)
				.filter((code) => !shown.has(code))
				.sort(),
		).toEqual(elsewhere);
	});

	it("may not run out of uses, whoever counts them", () => {
		const list = new Map([...withTag(HEALTHY.hardware, Tag.usageCountLimit, der.integer(1))].sort(([a], [b]) => a - b));
		expect(codes({ claim: { ...HEALTHY, hardware: list } })).toEqual(["USES_LIMITED"]);
	});

	it("may have an expired certificate of its own key: the phone's clock dates it", () => {
		expect(judge({ changes: { leafDates: [0, NOW - DAY] } }).result).toBe("passed");
		expect(judge({ changes: { leafDates: [NOW + DAY, NOW + 2 * DAY] } }).result).toBe("passed");
	});

	it("may come of a system that the lender's own key signed, if that key is named", () => {
		const key = new Uint8Array(32).fill(9);
		const each = hardware(Tag.rootOfTrust, rootOfTrust({ key, state: 1 }));
		expect(judge({ ...inOrder(each), asked: { bootKeys: [Buffer.from(key).toString("hex")] } }).result).toBe("passed");
	});

	it("is not made better by whoever owns an attested key and signs another certificate with it", () => {
		const unlocked = { ...HEALTHY, hardware: withTag(HEALTHY.hardware, Tag.rootOfTrust, rootOfTrust({ locked: false })) };
		const forged = otherPoint();
		const chain = ca.extend(ca.attest(POINT, unlocked), privateKey, forged, HEALTHY);
		expect(codes({ chain, key: forged })).toEqual(["EXTENSION_HIDDEN"]);
		expect(judge({ chain, key: forged }).result).toBe("failed");
	});

	it("attests IMEIs that are the phone's, and says how often its certificates were renewed", () => {
		const claim = { ...HEALTHY, hardware: attestedImei(Tag.attestationIdImei, IMEIS[1]) };
		expect(judge({ claim, asked: { needsId: true } }).result).toBe("passed");
		const provisioningInfo = Uint8Array.of(0xa1, 0x01, 0x18, 0x2a);
		expect(judge({ changes: { provisioning: "remote", provisioningInfo } }).facts).toMatchObject({
			provisioning: "remote",
			certificatesIssued: 42,
		});
	});

	it("of an algorithm that nobody here verifies is not called bad", () => {
		const chain = ca.attest(POINT, HEALTHY);
		// ECDSA with SHA-256 becomes ECDSA with SHA3-256 in both places: the same length, another algorithm.
		const renamed = chain.map((each) => replaceAll(each, der.oid("1.2.840.10045.4.3.2"), der.oid("1.2.840.10045.4.3.9")));
		expect(judge({ chain: renamed })).toMatchObject({ result: "cannot_verify", findings: [{ code: "ALGORITHM_UNSUPPORTED" }] });
	});
});

function replaceAll(bytes: Uint8Array, from: Uint8Array, to: Uint8Array): Uint8Array {
	const hex = Buffer.from(bytes).toString("hex").replaceAll(Buffer.from(from).toString("hex"), Buffer.from(to).toString("hex"));
	return Uint8Array.from(Buffer.from(hex, "hex"));
}

describe("hostile bytes", () => {
	const healthy = ca.attest(POINT, HEALTHY);
	const real = hasVectors ? vectorChains().map(({ chain }) => chain) : [];

	test("never pass when any byte of a healthy chain is another, and never break out", () => {
		assert(
			property(
				integer({ min: 0, max: healthy.length - 1 }),
				integer({ min: 0, max: 4000 }),
				integer({ min: 1, max: 255 }),
				(which, at, by) => {
					const chain = healthy.map((each, index) => (index === which ? flipped(each, at, by) : each));
					expect(judge({ chain }).result).not.toBe("passed");
				},
			),
			{ numRuns: 150 },
		);
	});

	test.skipIf(!hasVectors)("of Android's own chains never break out, flipped or cut", () => {
		assert(
			property(
				constantFrom(...real),
				integer({ min: 0, max: 9 }),
				integer({ min: 0, max: 4000 }),
				integer({ min: 0, max: 255 }),
				(chain, which, at, by) => {
					const hostile = chain.map((each, index) =>
						index === which % chain.length ? (by === 0 ? each.subarray(0, at % each.length) : flipped(each, at, by)) : each,
					);
					expect(judge({ chain: hostile }).result).not.toBe("passed");
				},
			),
			{ numRuns: 80 },
		);
	});

	test("of no kind at all are an answer", () => {
		assert(
			property(uint8Array({ maxLength: 200 }), (bytes) => {
				expect(judge({ chain: [bytes] }).findings[0]?.code).toBe("CERTIFICATE_UNREADABLE");
			}),
			{ numRuns: 100 },
		);
	});

	test("in the extension alone, signed by the maker, are an answer too", () => {
		assert(
			property(integer({ min: 0, max: 400 }), integer({ min: 1, max: 255 }), (at, by) => {
				const value = HEALTHY.hardware.get(Tag.rootOfTrust) ?? new Uint8Array();
				const claim = { ...HEALTHY, hardware: withTag(HEALTHY.hardware, Tag.rootOfTrust, flipped(value, at, by)) };
				expect(["passed", "failed", "cannot_verify"]).toContain(judge({ claim }).result);
			}),
			{ numRuns: 60 },
		);
	});

	test("nested a thousand deep are refused at once", () => {
		let nested: Uint8Array = der.nothing();
		for (let depth = 0; depth < 1000; depth += 1) nested = der.sequence(nested);
		expect(codes({ chain: [nested] })).toEqual(["CERTIFICATE_UNREADABLE"]);
		const claim = { ...HEALTHY, hardware: withTag(HEALTHY.hardware, Tag.rootOfTrust, nested) };
		expect(judge({ claim }).result).toBe("failed");
	});
});

function flipped(bytes: Uint8Array, at: number, by: number): Uint8Array {
	const changed = Uint8Array.from(bytes);
	const index = at % changed.length;
	changed[index] = (changed[index] ?? 0) ^ by;
	return changed;
}
