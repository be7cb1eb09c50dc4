import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
	parseWebhookSecret,
	readWebhookSecrets,
	signatureHeaders,
} from "../../../../provisioning/registry/webhooks/webhook-signature.ts";
import { webhookPost, webhookUrl } from "../../../../provisioning/station/webhook/post.ts";
import { openStandInErp } from "./stand-in-erp.ts";

let folder: string;
beforeEach(async () => {
	folder = await mkdtemp(join(tmpdir(), "secret-"));
});
afterEach(async () => {
	await rm(folder, { recursive: true });
});

const secretText = (bytes: number, fill = 7) => `whsec_${Buffer.alloc(bytes, fill).toString("base64")}`;

/** As a receiver checks it, with the platform's own cryptography, which the station does not use for it. */
async function isSigned(headers: Record<string, unknown>, body: string, secret: string): Promise<boolean> {
	const bytes = Buffer.from(secret.slice("whsec_".length), "base64");
	const key = await crypto.subtle.importKey("raw", bytes, { name: "HMAC", hash: "SHA-256" }, false, ["verify"]);
	const signed = Buffer.from(`${headers["webhook-id"]}.${headers["webhook-timestamp"]}.${body}`, "utf8");
	const signatures = String(headers["webhook-signature"]).split(" ");
	const checks = signatures.map(async (each) => {
		const [version, value = ""] = each.split(",");
		return version === "v1" && (await crypto.subtle.verify("HMAC", key, Buffer.from(value, "base64"), signed));
	});
	return (await Promise.all(checks)).includes(true);
}

describe("a webhook's signature", () => {
	it("is the one of the example of Standard Webhooks", () => {
		const secret = parseWebhookSecret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
		const message = { id: "msg_p5jXN8AQM9LWM0D4loKWxJek", body: '{"test": 2432232314}' };
		expect(signatureHeaders(message, 1_614_265_330_000, secret ? [secret] : [])).toEqual({
			"webhook-id": message.id,
			"webhook-timestamp": "1614265330",
			"webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
		});
	});

	it("is what another implementation computes of the bytes that arrived, with the old and with the new secret", async () => {
		const path = join(folder, "secret");
		await writeFile(path, `${secretText(32, 1)}\n${secretText(24, 2)}\n`, { mode: 0o600 });
		const erp = await openStandInErp();
		const post = webhookPost({ url: erp.url, secrets: await readWebhookSecrets(path) });
		const body = JSON.stringify({ text: "नमस्ते ✓" });
		expect(await post({ id: "msg_1", body }, 1_700_000_000_999, new AbortController().signal)).toEqual({
			kind: "answered",
			status: 204,
		});
		await erp.close();
		const [request] = erp.requests;
		expect(request?.headers["webhook-timestamp"]).toBe("1700000000");
		expect(await isSigned(request?.headers ?? {}, request?.body ?? "", secretText(32, 1))).toBe(true);
		expect(await isSigned(request?.headers ?? {}, request?.body ?? "", secretText(24, 2))).toBe(true);
		expect(await isSigned(request?.headers ?? {}, request?.body ?? "", secretText(32, 3))).toBe(false);
		expect(await isSigned(request?.headers ?? {}, `${request?.body} `, secretText(32, 1))).toBe(false);
	});
});

describe("a secret", () => {
	it.each([secretText(24), secretText(64), secretText(25).replace(/=+$/, ""), ` ${secretText(32)} `])("may be %j", (text) => {
		expect(parseWebhookSecret(text)).toBeInstanceOf(Uint8Array);
	});

	it.each([
		"",
		"whsec_",
		secretText(23),
		secretText(65),
		secretText(32).slice(6),
		`${secretText(32)}!`,
		`whsec_${"-_".repeat(20)}`,
	])("is not %j", (text) => {
		expect(parseWebhookSecret(text)).toBeUndefined();
	});

	it("is read back as the bytes that it was made of", () => {
		fc.assert(
			fc.property(fc.uint8Array({ minLength: 24, maxLength: 64 }), (bytes) => {
				expect(parseWebhookSecret(`whsec_${Buffer.from(bytes).toString("base64")}`)).toEqual(bytes);
			}),
		);
	});

	it.each([
		["that is not there", undefined, 0o600, "no secret file"],
		["that others can read", secretText(32), 0o644, "chmod 600"],
		["without a secret", "\n\n", 0o600, "one or two lines"],
		["with another text", "hunter2", 0o600, "one or two lines"],
		["with three", [1, 2, 3].map((fill) => secretText(32, fill)).join("\n"), 0o600, "one or two lines"],
	])("file %s is refused, and no secret is told", async (_what, text, mode, why) => {
		const path = join(folder, "secret");
		if (text !== undefined) {
			await writeFile(path, text);
			await chmod(path, mode);
		}
		const refusal = await readWebhookSecrets(path).catch((error: unknown) => error);
		expect(refusal).toMatchObject({ fault: { code: "WEBHOOK_MISCONFIGURED", details: { why: expect.stringContaining(why) } } });
		expect(JSON.stringify(refusal)).not.toMatch(/whsec_[A-Za-z0-9+/]{4}|hunter2/);
	});
});

describe("the ERP's address", () => {
	it.each([
		"https://erp.example.org/hook?a=1",
		"https://10.0.0.7/hook",
		"http://127.0.0.1:8080/",
		"http://localhost/x",
		"http://[::1]:9/x",
	])("may be %s", (text) => {
		expect(webhookUrl(text).href).toContain("/");
	});

	it.each([
		"http://erp.example.org/",
		"http://10.0.0.7/",
		"http://127.0.0.1.example.org/",
		"http://localhost.example.org/",
		"https://user:secret@erp.example.org/",
		"ftp://erp.example.org/",
		"file:///etc/passwd",
		"erp",
		"",
	])("is not %j", (text) => {
		expect(() => webhookUrl(text)).toThrow("WEBHOOK_MISCONFIGURED");
	});
});

it("a line of half a megabyte of padding is no secret, and takes no time", () => {
	expect(parseWebhookSecret(`whsec_${"=".repeat(512 * 1024)}x`)).toBeUndefined();
});
