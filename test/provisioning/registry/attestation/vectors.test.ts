import { Buffer } from "node:buffer";

import { assert, constantFrom, integer, property } from "fast-check";
import { describe, expect, it, test } from "vitest";

import { readChain } from "../../../../provisioning/registry/attestation/certificate.ts";
import type { AttestationTrust } from "../../../../provisioning/registry/attestation/check-chain.ts";
import { compareLists, readGoogleList } from "../../../../provisioning/registry/attestation/google-lists.ts";
import { GOOGLE_ROOTS } from "../../../../provisioning/registry/attestation/google-roots.ts";
import { judgeAttestation } from "../../../../provisioning/registry/attestation/judge.ts";
import { readKeyDescription } from "../../../../provisioning/registry/attestation/key-description.ts";
import { hasVectors, readVectorText, vectorChains } from "./vectors.ts";

const ORIGINS = ["GENERATED", "DERIVED", "IMPORTED", "RESERVED", "SECURELY_IMPORTED"];
const LEVELS = ["SOFTWARE", "TRUSTED_ENVIRONMENT", "STRONG_BOX"];
const BOOT_STATES = ["VERIFIED", "SELF_SIGNED", "UNVERIFIED", "FAILED"];

/** As Android's verifier writes a key description down: numbers as text, bytes in base64, three enumerations by name. */
function asAndroidWrites(value: unknown, name = ""): unknown {
	if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
	if (typeof value === "number") {
		if (name === "origin") return ORIGINS[value];
		if (name.endsWith("SecurityLevel")) return LEVELS[value];
		if (name === "verifiedBootState") return BOOT_STATES[value];
		return String(value);
	}
	if (Array.isArray(value)) return value.map((item) => asAndroidWrites(item, name));
	if (typeof value !== "object" || value === null) return value;
	const members = Object.entries(value).filter(([member]) => member !== "quirks");
	return Object.fromEntries(members.map(([member, inner]) => [member, asAndroidWrites(inner, member)]));
}

/** Everything is believed that Google publishes; lists as fresh as can be. */
const TRUST: AttestationTrust = {
	version: 1,
	expiresAtSeconds: Number.POSITIVE_INFINITY,
	roots: new Map(GOOGLE_ROOTS.map(({ publicKeySha256, name }) => [publicKeySha256, name])),
	status: new Map(),
};

/**
 * Judged as if it were this very key and binding, at a time when all of its certificates were valid.
 *
 * @param hostile what is judged instead by the same measure.
 */
function judgeAsGiven(chain: readonly Uint8Array[], hostile = chain) {
	const read = readChain(chain);
	const validAtSeconds = Math.max(...read.slice(0, -1).map(({ notBeforeSeconds }) => notBeforeSeconds));
	const [leaf] = read;
	const said = readKeyDescription(leaf?.keyDescription ?? new Uint8Array());
	const { attestationIdImei = "", attestationIdSecondImei = "" } = said.hardwareEnforced;
	return judgeAttestation(
		{
			chain: hostile,
			devicePublicKey: leaf?.publicKeyBits ?? new Uint8Array(),
			expected: { challenge: said.attestationChallenge, imeis: [attestationIdImei, attestationIdSecondImei], serial: "" },
		},
		{
			trust: TRUST,
			requirements: {
				packageName: "com.google.android.attestation",
				agentCertificates: [Buffer.from("EDk47kU35Z6O55L2VFBPuDRvxrNG0LvEQV/DOfz8jsE=", "base64").toString("hex")],
				bootKeys: [],
				needsId: false,
				anyTagOrder: false,
			},
			validAtSeconds,
			nowSeconds: validAtSeconds,
		},
	);
}

/** What the verdict is for each, and why: phones of developers, most of them unlocked, asked by other apps than ours. */
const VERDICTS: Readonly<Record<string, string>> = {
	"akita/sdk34/SB_RSA_NONE": "failed BOOTLOADER_UNLOCKED BOOT_NOT_VERIFIED APP_WRONG",
	"akita/sdk34/TEE_EC_NONE": "failed BOOTLOADER_UNLOCKED BOOT_NOT_VERIFIED APP_WRONG",
	"akita/sdk34/TEE_RSA_BASE+IMEI": "failed BOOTLOADER_UNLOCKED BOOT_NOT_VERIFIED APP_WRONG",
	"akita/sdk34/TEE_RSA_NONE": "failed BOOTLOADER_UNLOCKED BOOT_NOT_VERIFIED APP_WRONG",
	"akita/sdk34/TEE_RSA_NONE_USERAUTH": "failed BOOTLOADER_UNLOCKED BOOT_NOT_VERIFIED APP_WRONG",
	"blueline/sdk28/SB_RSA_NONE": "failed BOOTLOADER_UNLOCKED BOOT_NOT_VERIFIED APP_WRONG",
	"blueline/sdk28/SB_RSA_NONE_USERAUTH": "failed BOOTLOADER_UNLOCKED BOOT_NOT_VERIFIED APP_WRONG",
	"blueline/sdk28/TEE_EC_NONE": "failed BOOTLOADER_UNLOCKED BOOT_NOT_VERIFIED APP_WRONG",
	"blueline/sdk28/TEE_RSA_BASE+IMEI": "failed BOOTLOADER_UNLOCKED BOOT_NOT_VERIFIED APP_WRONG",
	"blueline/sdk28/TEE_RSA_NONE": "failed BOOTLOADER_UNLOCKED BOOT_NOT_VERIFIED APP_WRONG",
	"caiman/sdk36/SB_EC_RKP": "passed",
	"caiman/sdk36/TEE_EC_RKP": "passed",
	"invalid/malformed_rot_device_locked": "failed BOOLEAN_NOT_DER APP_WRONG",
	"invalid/tags_not_in_ascending_order": "failed SIGNATURE_BAD TAGS_OUT_OF_ORDER BOOTLOADER_UNLOCKED BOOT_NOT_VERIFIED APP_WRONG",
	"marlin/sdk29/TEE_EC_NONE": "failed ROOT_UNKNOWN ATTESTED_BY_SOFTWARE ROOT_OF_TRUST_MISSING APP_WRONG",
	"marlin/sdk29/TEE_RSA_NONE": "failed ROOT_UNKNOWN ATTESTED_BY_SOFTWARE ROOT_OF_TRUST_MISSING APP_WRONG",
};

const suite = hasVectors
	? "Android's own test chains"
	: "Android's own test chains (not run: ../shared/vectors/android-keyattestation is not beside this checkout)";

describe.skipIf(!hasVectors)(suite, () => {
	const chains = vectorChains();

	test("are all there", () => {
		expect(chains.map(({ name }) => name)).toEqual(Object.keys(VERDICTS));
	});

	it.each(chains.filter(({ expected }) => expected))(
		"$name says what Android's verifier reads in it, field by field",
		(vector) => {
			const [leaf] = readChain(vector.chain);
			expect(asAndroidWrites(readKeyDescription(leaf?.keyDescription ?? new Uint8Array()))).toEqual(vector.expected);
		},
	);

	it.each(chains)("$name is judged as its own statement says", ({ name, chain }) => {
		const { result, findings } = judgeAsGiven(chain);
		expect([result, ...findings.map(({ code }) => code)].join(" ")).toBe(VERDICTS[name]);
	});

	test("a chain of a real phone that passes does so no more when any byte of it is another, or is missing", () => {
		const passing = chains.filter(({ name }) => name.startsWith("caiman/")).map(({ chain }) => chain);
		assert(
			property(
				constantFrom(...passing),
				integer({ min: 0, max: 4 }),
				integer({ min: 0, max: 4000 }),
				integer({ min: 0, max: 255 }),
				(chain, which, at, by) => {
					const hostile = chain.map((each, index) => {
						if (index !== which) return each;
						if (by === 0) return each.subarray(0, at % each.length);
						return each.map((byte, place) => (place === at % each.length ? byte ^ by : byte));
					});
					expect(judgeAsGiven(chain, hostile).result).not.toBe("passed");
				},
			),
			{ numRuns: 120 },
		);
	});

	test("a boolean that is written otherwise is read as Android's verifier reads it: true", () => {
		const odd = chains.find(({ name }) => name === "invalid/malformed_rot_device_locked");
		const [leaf] = readChain(odd?.chain ?? []);
		const said = readKeyDescription(leaf?.keyDescription ?? new Uint8Array());
		expect([said.hardwareEnforced.rootOfTrust?.deviceLocked, said.quirks]).toEqual([true, ["ODD_BOOLEAN"]]);
	});

	test("the roots that this program knows are those that Google publishes", () => {
		expect(readGoogleList(readVectorText("roots.json"))).toEqual({ kind: "roots", roots: GOOGLE_ROOTS });
	});

	test("Google's sample of the status list is read", () => {
		const list = readGoogleList(readVectorText("google_sample_status.json"));
		if (list.kind !== "status") throw new Error("not the status list");
		expect(Object.keys(list.status)).toHaveLength(5);
		expect(list.status.cc66e9a93713b6e643b26c15879786f7).toBe("SUSPENDED");
		expect(compareLists({ "1": "REVOKED" }, list.status)).toMatchObject({ removed: ["1"], changed: [] });
	});
});
