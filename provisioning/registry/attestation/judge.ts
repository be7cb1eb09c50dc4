import { Buffer } from "node:buffer";

import { type ChainCertificate, readChain } from "./certificate.ts";
import { ChainError } from "./chain-error.ts";
import { type AttestationTrust, checkChain, provisioningOf } from "./check-chain.ts";
import { type AttestationRequirements, checkStatement, type ExpectedKey } from "./check-statement.ts";
import type { Finding } from "./finding-codes.ts";
import { certificatesIssued, type KeyDescription, readKeyDescription } from "./key-description.ts";
import { type AttestationVerdict, type AttestedFacts, verdictOf } from "./verdict.ts";

export interface JudgedChain {
	/** DER, from the key's own certificate to the root, as the phone gave it. */
	readonly chain: readonly Uint8Array[];
	/** Uncompressed point of the key that signed the receipt. */
	readonly devicePublicKey: Uint8Array;
	readonly expected: ExpectedKey;
}

export interface JudgeBy {
	readonly trust: AttestationTrust;
	readonly requirements: AttestationRequirements;
	/** When the chain had to be valid, and now: seconds since 1970-01-01T00:00:00Z. */
	readonly validAtSeconds: number;
	readonly nowSeconds: number;
}

const LEVELS = ["software", "trusted_environment", "strongbox"] as const;
const BOOT_STATES = ["verified", "self_signed", "unverified", "failed"] as const;

/** Judges a phone's attestation chain. Never throws, whatever the bytes: what cannot be read is a finding. */
export function judgeAttestation(judged: JudgedChain, by: JudgeBy): AttestationVerdict {
	if (judged.chain.length === 0) return { result: "absent", findings: [], facts: {}, serials: [] };
	const findings: Finding[] = [];
	let facts: AttestedFacts = {};
	let serials: readonly string[] = [];
	try {
		const chain = readChain(judged.chain);
		serials = chain.map(({ serial }) => serial);
		const root = chain.at(-1);
		const rootName = root && by.trust.roots.get(root.publicKeySha256);
		const issued = certificatesIssued(chain[1]?.provisioningInfo);
		facts = {
			provisioning: provisioningOf(chain),
			...(rootName === undefined ? {} : { root: rootName }),
			...(issued === undefined ? {} : { certificatesIssued: issued }),
		};
		findings.push(...checkChain(chain, by.trust, by.validAtSeconds, by.nowSeconds));
		const [leaf] = chain;
		if (leaf && !Buffer.from(leaf.publicKeyBits).equals(judged.devicePublicKey)) findings.push({ code: "KEY_MISMATCH" });
		const said = readOnlyDescription(chain);
		facts = { ...facts, ...factsOf(said) };
		findings.push(...checkStatement(said, judged.expected, by.requirements));
	} catch (error) {
		if (!(error instanceof ChainError)) throw error;
		findings.push({ code: error.code, seen: error.message.slice(0, 200) });
	}
	return verdictOf(findings, facts, serials);
}

/**
 * The description nearest the root is the one that hardware made: whoever owns an attested key can sign certificates with it, and put
 * what they like into those. So there must be one only, and in the key's own certificate.
 */
function readOnlyDescription(chain: readonly ChainCertificate[]): KeyDescription {
	const holders = chain.flatMap(({ keyDescription }, index) => (keyDescription ? [{ keyDescription, index }] : []));
	const [first, ...others] = holders;
	if (!first) throw new ChainError("EXTENSION_MISSING", "no certificate has it");
	if (others.length > 0)
		throw new ChainError("EXTENSION_HIDDEN", `in certificates ${holders.map(({ index }) => index + 1).join(", ")}`);
	if (first.index !== 0) throw new ChainError("EXTENSION_NOT_IN_LEAF", `in certificate ${first.index + 1}`);
	return readKeyDescription(first.keyDescription);
}

function factsOf({
	attestationVersion,
	attestationSecurityLevel,
	keyMintSecurityLevel,
	hardwareEnforced,
}: KeyDescription): AttestedFacts {
	const { rootOfTrust, osPatchLevel, vendorPatchLevel, bootPatchLevel, attestationIdModel } = hardwareEnforced;
	const bootState = rootOfTrust && BOOT_STATES[rootOfTrust.verifiedBootState];
	return {
		attestationVersion,
		securityLevel: LEVELS[Math.min(attestationSecurityLevel, keyMintSecurityLevel)] ?? "software",
		...(rootOfTrust ? { bootloaderLocked: rootOfTrust.deviceLocked } : {}),
		...(bootState === undefined ? {} : { bootState }),
		...(osPatchLevel === undefined ? {} : { osPatchLevel }),
		...(vendorPatchLevel === undefined ? {} : { vendorPatchLevel }),
		...(bootPatchLevel === undefined ? {} : { bootPatchLevel }),
		...(attestationIdModel === undefined ? {} : { model: attestationIdModel.slice(0, 60) }),
	};
}
