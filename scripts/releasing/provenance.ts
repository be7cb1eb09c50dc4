import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign, verify } from "node:crypto";

import { preAuthenticationEncoding } from "../../proto/envelope.ts";

const PAYLOAD_TYPE = "application/vnd.in-toto+json";
const STATEMENT_TYPE = "https://in-toto.io/Statement/v1";
const PREDICATE_TYPE = "https://slsa.dev/provenance/v1";

/** A file of a release. */
export interface Subject {
	readonly name: string;
	readonly sha256: string;
}

export interface Provenance {
	readonly subjects: readonly Subject[];
	/** Commit that it was built from. */
	readonly commit: string;
	/** Whether the checkout held changes that are in no commit. */
	readonly isChanged: boolean;
	readonly node: string;
	readonly npm: string;
	/** SHA-256 of package-lock.json. */
	readonly lockSha256: string;
}

export function sha256(bytes: Uint8Array): string {
	return createHash("sha256").update(bytes).digest("hex");
}

/** An in-toto statement with SLSA's predicate (slsa.dev/spec/v1.0/provenance): which bytes came of which commit, and how. */
export function statementOf({ subjects, commit, isChanged, node, npm, lockSha256 }: Provenance): string {
	return `${JSON.stringify(
		{
			_type: STATEMENT_TYPE,
			subject: subjects.map(({ name, sha256: digest }) => ({ name, digest: { sha256: digest } })),
			predicateType: PREDICATE_TYPE,
			predicate: {
				buildDefinition: {
					buildType: "https://holdfast.dev/release/v1",
					externalParameters: { command: "scripts/release" },
					internalParameters: { node, npm, changedFiles: isChanged },
					resolvedDependencies: [
						{ uri: "git+file:.", digest: { gitCommit: commit } },
						{ uri: "file:package-lock.json", digest: { sha256: lockSha256 } },
					],
				},
				runDetails: { builder: { id: "https://holdfast.dev/release/by-hand" } },
			},
		},
		null,
		"\t",
	)}\n`;
}

/**
 * Signs a statement as a DSSE envelope (github.com/secure-systems-lab/dsse, JSON form).
 *
 * @param privateKeyPem P-256 or Ed25519.
 */
export function signStatement(statement: string, privateKeyPem: string | Buffer): string {
	const key = createPrivateKey(privateKeyPem);
	const payload = Buffer.from(statement);
	const sig = sign(digestFor(key), preAuthenticationEncoding(PAYLOAD_TYPE, payload), key);
	const signatures = [{ keyid: keyidOf(createPublicKey(key)), sig: sig.toString("base64") }];
	return `${JSON.stringify({ payloadType: PAYLOAD_TYPE, payload: payload.toString("base64"), signatures })}\n`;
}

/**
 * Reads a signed statement.
 *
 * @returns its subjects.
 * @throws {Error} if it is not one, or none of its signatures is of this key.
 */
export function verifyStatement(envelope: string, publicKeyPem: string | Buffer): Subject[] {
	const key = createPublicKey(publicKeyPem);
	const parsed: unknown = JSON.parse(envelope);
	const payload = Buffer.from(String(read(parsed, "payload")), "base64");
	const signatures = read(parsed, "signatures");
	const signed = preAuthenticationEncoding(PAYLOAD_TYPE, payload);
	const isSigned =
		read(parsed, "payloadType") === PAYLOAD_TYPE &&
		Array.isArray(signatures) &&
		signatures.some((each) => verify(digestFor(key), signed, key, Buffer.from(String(read(each, "sig")), "base64")));
	if (!isSigned) throw new Error("the provenance is not signed by this key");
	const statement: unknown = JSON.parse(payload.toString());
	const subjects = read(statement, "subject");
	if (read(statement, "_type") !== STATEMENT_TYPE || !Array.isArray(subjects)) throw new Error("this is no in-toto statement");
	return subjects.map((subject) => ({
		name: String(read(subject, "name")),
		sha256: String(read(read(subject, "digest"), "sha256")),
	}));
}

/** Ed25519 hashes by itself. */
function digestFor({ asymmetricKeyType }: KeyObject): "sha256" | null {
	return asymmetricKeyType === "ed25519" ? null : "sha256";
}

function keyidOf(key: KeyObject): string {
	return sha256(key.export({ type: "spki", format: "der" }));
}

function read(value: unknown, name: string): unknown {
	return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}
