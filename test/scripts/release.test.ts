import { generateKeyPairSync } from "node:crypto";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { describe, expect, test } from "vitest";

import { isAllowed, shippedPackages, VENDORED } from "../../scripts/releasing/licences.ts";
import { sha256, signStatement, statementOf, verifyStatement } from "../../scripts/releasing/provenance.ts";
import { withoutChance } from "../../scripts/releasing/sbom.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

describe("licences", () => {
	test("of everything that is installed with us may ship beside Apache-2.0", () => {
		const packages = [...shippedPackages(ROOT), ...VENDORED];
		expect(packages.length).toBeGreaterThan(50);
		expect(packages.filter(({ licence }) => !isAllowed(licence))).toEqual([]);
	});

	test.each<[string, boolean]>([
		["MIT", true],
		["(MIT OR GPL-3.0-only)", true],
		["(MIT AND GPL-3.0-only)", false],
		["MIT AND (ISC OR AGPL-3.0-only)", true],
		["GPL-3.0-only", false],
		["SEE LICENSE IN x", false],
		["MIT OR", false],
		["(MIT", false],
		["MIT)", false],
		["", false],
	])("%s: %s", (expression, allowed) => expect(isAllowed(expression)).toBe(allowed));
});

describe("provenance", () => {
	const statement = statementOf({
		subjects: [{ name: "holdfast-0.1.0.tgz", sha256: sha256(Buffer.from("bytes")) }],
		commit: "0".repeat(40),
		isChanged: false,
		node: "v20",
		npm: "11",
		lockSha256: sha256(readFileSync(`${ROOT}package-lock.json`)),
	});
	const keyPair = (kind: "ec" | "ed25519") => {
		const pair = kind === "ec" ? generateKeyPairSync("ec", { namedCurve: "P-256" }) : generateKeyPairSync("ed25519");
		return {
			own: pair.privateKey.export({ type: "pkcs8", format: "pem" }),
			others: pair.publicKey.export({ type: "spki", format: "pem" }),
		};
	};

	test.each(["ec", "ed25519"] as const)(
		"signed by a key of %s is believed by that key alone, and not once a byte was changed",
		(kind) => {
			const { own, others } = keyPair(kind);
			const signed = signStatement(statement, own);
			expect(verifyStatement(signed, others)).toEqual([{ name: "holdfast-0.1.0.tgz", sha256: sha256(Buffer.from("bytes")) }]);
			expect(() => verifyStatement(signed, keyPair(kind).others)).toThrow("not signed by this key");
			const other = Buffer.from(statement.replace("holdfast-0.1.0", "holdfast-6.6.6")).toString("base64");
			expect(() => verifyStatement(JSON.stringify({ ...JSON.parse(signed), payload: other }), others)).toThrow("not signed");
		},
	);
});

test("the parts list is the same for the same commit", () => {
	const bom = (chance: string) =>
		JSON.stringify({
			bomFormat: "CycloneDX",
			serialNumber: `urn:uuid:${chance}`,
			metadata: { timestamp: chance, tools: [] },
			components: [],
		});
	expect(withoutChance(bom("a"), 1_780_315_200)).toBe(withoutChance(bom("b"), 1_780_315_200));
	expect(JSON.parse(withoutChance(bom("a"), 1_780_315_200))).toEqual({
		bomFormat: "CycloneDX",
		metadata: { timestamp: "2026-06-01T12:00:00.000Z", tools: [] },
		components: [],
	});
});
