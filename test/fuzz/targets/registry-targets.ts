import { createPublicKey, generateKeyPairSync } from "node:crypto";

import { canonicalJson } from "../../../provisioning/registry/access/canonical-json.ts";
import { isProgramToken } from "../../../provisioning/registry/access/program-token.ts";
import { readChain } from "../../../provisioning/registry/attestation/certificate.ts";
import { ChainError } from "../../../provisioning/registry/attestation/chain-error.ts";
import { DerError, type DerNode, hasOddBoolean, readDer } from "../../../provisioning/registry/attestation/der.ts";
import { isPublicAddress } from "../../../provisioning/registry/attestation/fetch-list.ts";
import { readGoogleList } from "../../../provisioning/registry/attestation/google-lists.ts";
import { readKeyDescription } from "../../../provisioning/registry/attestation/key-description.ts";
import { TrustError } from "../../../provisioning/registry/attestation/trust.ts";
import { parseEnrollmentId } from "../../../provisioning/registry/enrollment/enrollment-status.ts";
import { parseTrustedProxies } from "../../../provisioning/registry/http/trusted-proxies.ts";
import { isSealedKey, sealKey, unsealKey } from "../../../provisioning/registry/keys/sealed-key.ts";
import {
	isSignedWebhook,
	parseWebhookSecret,
	signatureHeaders,
} from "../../../provisioning/registry/webhooks/webhook-signature.ts";
import { healthyClaim, keyDescription, makeAttestationCa } from "../../lab/attestation-ca.ts";
import { type FuzzTarget, type Outcome, require, textTarget } from "../target.ts";

const NOW = 1_780_315_200;
const PASSPHRASE = "a passphrase of many words";
const SECRET = new Uint8Array(32).fill(7);
const TOKEN = `hfp_${"ab".repeat(10)}_${"A".repeat(43)}`;
const DEVICE = "0123456789abcdef0123456789abcdef";

function chainSample(): readonly Uint8Array[] {
	const { publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
	const point = Uint8Array.from(
		createPublicKey(publicKey.export({ type: "spki", format: "pem" }))
			.export({ type: "spki", format: "der" })
			.subarray(-65),
	);
	return makeAttestationCa(NOW).attest(point, healthyClaim(new Uint8Array(32)));
}

function unless(kind: new (...args: never[]) => Error, read: () => void): Outcome {
	try {
		read();
		return "taken";
	} catch (error) {
		if (error instanceof kind) return "refused";
		throw error;
	}
}

const sizeOf = ({ children }: DerNode): number => children.reduce((sum, child) => sum + sizeOf(child), 1);

/** What phones, browsers, programs and files give a registry. */
export const registryTargets = (): FuzzTarget[] => [
	{
		name: "attestation/der",
		form: "bytes",
		samples: () => [...chainSample(), keyDescription(healthyClaim(new Uint8Array(32)))],
		run: (input) =>
			unless(DerError, () => {
				const tree = readDer(input, { isAnyBoolean: true });
				hasOddBoolean(tree);
				require(tree.encoded.length === input.length && sizeOf(tree) <= 4000, "one value, bounded, and nothing behind it");
			}),
	},
	{
		name: "attestation/key-description",
		form: "bytes",
		cost: 10,
		samples: () => [keyDescription(healthyClaim(new Uint8Array(32)))],
		run: (input) => unless(ChainError, () => void readKeyDescription(input)),
	},
	{
		name: "attestation/certificate",
		form: "bytes",
		cost: 20,
		samples: () => chainSample(),
		run: (input) => unless(ChainError, () => void readChain([input])),
	},
	textTarget(
		"attestation/google-list",
		[JSON.stringify({ entries: { "0a1b": { status: "REVOKED" }, ff: { status: "SUSPENDED" } } })],
		(text) => unless(TrustError, () => void readGoogleList(text)),
		{
			words: ['"entries":', '"status":', '"REVOKED"', '"__proto__":', "-----BEGIN CERTIFICATE-----", "["],
		},
	),
	textTarget(
		"registry/address",
		["8.8.8.8", "2606:4700::1111", "1.1.1.1"],
		(text) => {
			if (!isPublicAddress(text)) return "refused";
			require(!/^(?:0|10|127|169\.254|192\.168)\./.test(text) &&
				!/^(?:::|fc|fd|fe[89ab])/i.test(text), "no private address passes");
			return "taken";
		},
		{ words: ["127.0.0.1", "::1", "::ffff:", "10.0.0.1", "0x7f.1", "169.254.169.254", "fe80::", ".", ":"], longest: 128 },
	),
	textTarget(
		"registry/webhook-secret",
		[`whsec_${Buffer.from(SECRET).toString("base64")}`],
		(text) => {
			const secret = parseWebhookSecret(text);
			if (!secret) return "refused";
			require(secret.length >= 24 && secret.length <= 64, "24 to 64 bytes");
			return "taken";
		},
		{ words: ["whsec_", "=", "AAAA"] },
	),
	textTarget(
		"registry/webhook-signature",
		[signatureHeaders({ id: "m1", body: "{}" }, NOW * 1000, [SECRET])["webhook-signature"] ?? ""],
		(text) => {
			const headers = { "webhook-id": "m1", "webhook-timestamp": String(NOW), "webhook-signature": text };
			const right = signatureHeaders({ id: "m1", body: "{}" }, NOW * 1000, [SECRET])["webhook-signature"] ?? "";
			if (!isSignedWebhook(headers, Buffer.from("{}"), NOW, [SECRET])) return "refused";
			const bytes = (signature: string) => Buffer.from(signature.slice(3), "base64").toString("hex");
			require(text
				.split(" ")
				.some((each) => each.startsWith("v1,") && bytes(each) === bytes(right)), "only the right one is taken");
			return "taken";
		},
		{ words: ["v1,", " ", "v1a,", "="], longest: 4096, cost: 4 },
	),
	textTarget(
		"registry/names",
		[TOKEN, `${DEVICE}-1`, "10.0.0.5,192.168.7.0/24", "10.0.0.5"],
		(text) => {
			const enrolment = parseEnrollmentId(text);
			const proxies = parseTrustedProxies(text);
			if (enrolment) require(`${enrolment.deviceId}-${enrolment.attempt}` === text, "an enrolment has one name");
			if (proxies) require(!proxies.some((proxy) => /\/0+$/.test(proxy)), "nobody trusts every address");
			return isProgramToken(text) || enrolment || proxies ? "taken" : "refused";
		},
		{ words: ["hfp_", "_", DEVICE, "-1", "/0", "/24", ",", "::/1"], longest: 4096 },
	),
	textTarget(
		"registry/canonical-json",
		['{"b":1,"a":[true,null,"x"]}', "[]"],
		(text) => {
			let value: unknown;
			try {
				value = JSON.parse(text);
			} catch {
				return "refused";
			}
			try {
				const written = canonicalJson(value);
				require(canonicalJson(JSON.parse(written)) === written, "one value has one spelling");
				return "taken";
			} catch (error) {
				if (error instanceof TypeError) return "refused";
				throw error;
			}
		},
		{ words: ['"__proto__":', "1.5", '{"a":', "[", "1e400", "\\ud800"], longest: 2048 },
	),
	{
		// scrypt for each that is long enough: as slow as a passphrase asks for.
		name: "keys/sealed-key",
		form: "text",
		cost: 10_000,
		samples: async () => [Buffer.from(await sealKey(new Uint8Array(100), PASSPHRASE))],
		async run(input) {
			const text = new TextDecoder().decode(input);
			if (!isSealedKey(text)) return "refused";
			let opened: Uint8Array;
			try {
				opened = await unsealKey(text, PASSPHRASE);
			} catch (error) {
				if (error instanceof Error) return "refused"; // its own, or OpenSSL's: a file that does not open
				throw error;
			}
			require(opened.length === 100 && opened.every((byte) => byte === 0), "a changed file is no other key");
			return "taken";
		},
	},
];
