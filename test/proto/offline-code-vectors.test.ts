import { createHash, createHmac, hkdfSync } from "node:crypto";
import { readFileSync } from "node:fs";

import { describe, expect, it } from "vitest";

// Worked out anew from what the docstrings say, with node:crypto alone: what is tested here is the description.
const TYPES: Record<string, number> = { set: 1, add: 2, contact: 3, service: 4, automatic: 5 };
const DAMM = "0317598642709215486342068713591750983426612304597836742095815869720134894536201794386172052581436790";
const CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ*~$=U";

const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest();
const damm = (digits: string) => digits + [...digits].reduce((interim, digit) => Number(DAMM[interim * 10 + Number(digit)]), 0);
const number = (value: number, length: number) => Buffer.from(value.toString(16).padStart(length * 2, "0"), "hex");
const fields = (...all: (string | Buffer)[]) =>
	Buffer.concat(all.map((field) => Buffer.from(field)).flatMap((field) => [number(field.length, 2), field]));

function secretOf({ codeKey, devicePublicKey }: Phone): Buffer {
	const salt = sha256(Buffer.from(devicePublicKey, "hex"));
	return Buffer.from(hkdfSync("sha256", Buffer.from(codeKey, "hex"), salt, "offline-code/v1", 32));
}

function timeCode(phone: Phone, { kind, value, counter, nonce }: Code): string {
	const type = TYPES[kind] ?? 0;
	const asked = nonce === undefined ? ["auto", Buffer.alloc(0)] : ["exact", number(nonce, 2)];
	const [domain = "", shownNonce = ""] = asked;
	const message = fields(
		domain,
		phone.deviceId,
		phone.contractId,
		number(counter, 4),
		shownNonce,
		number(type, 1),
		number(value, 2),
	);
	const mac = createHmac("sha256", secretOf(phone)).update(message).digest().readBigUInt64BE() % 100_000_000n;
	return damm(`${type}${String(value).padStart(3, "0")}${String(mac).padStart(8, "0")}`).replace(/(\d{4})(?=\d)/g, "$1-");
}

function releaseCode(secret: string): string {
	const value = BigInt(`0x${secret}`);
	const symbols = Array.from({ length: 16 }, (_, at) => CROCKFORD[Number((value >> BigInt(5 * (15 - at))) & 31n)]).join("");
	return `${symbols.replace(/(.{4})/g, "$1-")}${CROCKFORD[Number(value % 37n)]}`;
}

interface Code {
	kind: string;
	value: number;
	counter: number;
	nonce?: number;
	requestNumber?: string;
	code: string;
}
interface Phone {
	deviceId: string;
	contractId: string;
	codeKey: string;
	devicePublicKey: string;
	secret: string;
	codes: Code[];
}
interface Release {
	deviceId: string;
	contractId: string;
	secret: string;
	code: string;
	digest: string;
}
const published: { timeCodes: Phone[]; releaseCodes: Release[] } = JSON.parse(
	readFileSync(new URL("../vectors/offline-codes.json", import.meta.url), "utf8"),
);

describe("the call centre's worked example", () => {
	const page = readFileSync(new URL("../../provisioning/registry/codes/CODES.md", import.meta.url), "utf8");
	const phone = published.timeCodes[0];
	const code = phone?.codes.find(({ counter }) => counter === 12);

	it("is the first phone of the vectors, step by step", () => {
		if (!phone || !code) throw new Error("the example's phone is not among the vectors");
		const device = Buffer.from(phone.devicePublicKey, "hex");
		const message = fields("exact", phone.deviceId, phone.contractId, number(12, 4), number(345, 2), number(1, 1), number(30, 2));
		const mac = createHmac("sha256", secretOf(phone)).update(message).digest().subarray(0, 8);
		const steps = [sha256(device), secretOf(phone), message, mac].map((bytes) => bytes.toString("hex"));
		for (const step of [...steps, String(mac.readBigUInt64BE() % 100_000_000n), timeCode(phone, code)])
			expect(page).toContain(step);
		for (const shown of [phone.deviceId, damm("0012345"), "0012 3459"]) expect(page).toContain(shown);
		expect(timeCode(phone, code)).toBe(code.code);
	});

	it("frees the same contract by the release code of its secret", () => {
		const [, secret = "", shown = ""] = /for the secret `(\w+)` is `([\w-]+)`/.exec(page) ?? [];
		expect(releaseCode(secret)).toBe(shown);
	});
});

describe("the published vectors, worked out from their description", () => {
	it.each(published.timeCodes.flatMap((phone) => phone.codes.map((code) => ({ phone, code }))))(
		"$code.kind $code.value at counter $code.counter for $phone.contractId",
		({ phone, code }) => {
			expect(secretOf(phone).toString("hex")).toBe(phone.secret);
			expect(timeCode(phone, code)).toBe(code.code);
			const shown = String(code.counter % 10_000).padStart(4, "0") + String(code.nonce).padStart(3, "0");
			if (code.nonce !== undefined) expect(damm(shown)).toBe(code.requestNumber);
		},
	);

	it.each(published.releaseCodes)("release code of $secret for $contractId", ({ deviceId, contractId, secret, code, digest }) => {
		expect(releaseCode(secret)).toBe(code);
		expect(sha256(fields("release/v1", deviceId, contractId, Buffer.from(secret, "hex"))).toString("hex")).toBe(digest);
	});
});
