import { randomBytes } from "node:crypto";

import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { readReleaseCode, writeReleaseCode } from "../../../../proto/release-code.ts";
import {
	type EscrowShare,
	joinShares,
	readSharePage,
	sharePage,
	splitReleaseSecret,
} from "../../../../provisioning/registry/codes/escrow-share.ts";
import { createNodeCrypto } from "../../../../provisioning/registry/node-crypto.ts";

const crypto = createNodeCrypto();
const ADDRESS = { deviceId: "0123456789abcdef".repeat(2), contractId: "C-1001" };
const random = (length: number) => Uint8Array.from(randomBytes(length));
const split = (secret: Uint8Array, address = ADDRESS) => splitReleaseSecret(crypto, address, secret, random);

function read(page: string): EscrowShare {
	const share = readSharePage(page);
	if ("problem" in share) throw new Error(share.problem);
	return share;
}

describe("escrow", () => {
	test("any two printed pages, in any order, give the release code", async () => {
		await fc.assert(
			fc.asyncProperty(fc.uint8Array({ minLength: 10, maxLength: 10 }), async (secret) => {
				const pages = (await split(secret)).map(sharePage).map(read);
				for (const [a, b] of [
					[0, 1],
					[1, 0],
					[0, 2],
					[2, 0],
					[1, 2],
					[2, 1],
				] as const) {
					const [first, second] = [pages[a], pages[b]];
					if (!first || !second) throw new Error("three pages");
					const joined = await joinShares(crypto, first, second);
					expect("secret" in joined && readReleaseCode(writeReleaseCode(joined.secret))).toEqual(secret);
				}
			}),
			{ numRuns: 30 },
		);
	});

	test("a page that was typed in again by hand is read, in small letters and without its dashes", async () => {
		const [first, second] = await split(new Uint8Array(10).fill(9));
		if (!first || !second) throw new Error("three shares");
		const typed = `contract of Mrs Gomez\nCONTRACT ${first.contractId}\n DEVICE ${first.deviceId.toUpperCase()}\nSET ${first.set.toLowerCase()}\nFINGERPRINT ${first.fingerprint.replaceAll("-", "")}\nSHARE ${first.share.toLowerCase().replaceAll("0", "o").replaceAll("-", "")}\n`;
		expect(await joinShares(crypto, read(typed), second)).toEqual({ secret: new Uint8Array(10).fill(9) });
	});

	test("what does not fit together says why", async () => {
		const [a, b] = await split(new Uint8Array(10).fill(1));
		const [c] = await split(new Uint8Array(10).fill(1));
		const [d] = await split(new Uint8Array(10).fill(1), { ...ADDRESS, contractId: "C-2" });
		if (!a || !b || !c || !d) throw new Error("three shares");
		expect(await joinShares(crypto, a, a)).toEqual({ problem: "TWICE_THE_SAME" });
		expect(await joinShares(crypto, a, c)).toEqual({ problem: "OF_TWO_SETS" });
		expect(await joinShares(crypto, a, d)).toEqual({ problem: "OF_TWO_CONTRACTS" });
		expect(await joinShares(crypto, a, { ...b, share: c.share })).toEqual({ problem: "WRONG_SECRET" });
	});

	test("a mistyped line is found on its own", async () => {
		const [share] = await split(new Uint8Array(10).fill(1));
		if (!share) throw new Error("three shares");
		const page = sharePage(share);
		const broken = page.replace(share.share, `${share.share.startsWith("A") ? "B" : "A"}${share.share.slice(1)}`);
		expect(readSharePage(broken)).toEqual({ problem: "SHARE is missing or mistyped" });
		expect(readSharePage("")).toEqual({ problem: "CONTRACT is missing" });
	});

	test("one page alone tells nothing: for each share every secret is as likely", async () => {
		// The first byte of a share, over many splittings of one secret, takes many values.
		const secret = new Uint8Array(10).fill(0x42);
		const shares = await Promise.all(Array.from({ length: 60 }, () => split(secret)));
		expect(new Set(shares.map(([first]) => first?.share.slice(0, 2))).size).toBeGreaterThan(35);
	});
});
