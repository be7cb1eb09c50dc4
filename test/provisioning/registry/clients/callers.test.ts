import { Writable } from "node:stream";

import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { createRegistry } from "../../../../provisioning/registry/http/create-registry.ts";
import { networkOf } from "../../../../provisioning/registry/http/network-of.ts";
import { createRateLimit } from "../../../../provisioning/registry/http/rate-limit.ts";
import { parseTrustedProxies } from "../../../../provisioning/registry/http/trusted-proxies.ts";
import { openRoleSigners } from "../../../../provisioning/registry/keys/lender-keys.ts";
import { ADMIN_TOKEN, nextImei, startTestRegistry, type TestRegistry } from "../test-registry.ts";

let registry: TestRegistry;
beforeAll(async () => {
	registry = await startTestRegistry();
});
afterAll(() => registry.close());

/** Asks for a phone 40 times, each time under another forged address, and counts the answers. */
async function forgedAnswers(proxies: readonly string[] | undefined, from: string): Promise<Record<number, number>> {
	const app = await createRegistry({
		database: registry.database,
		keys: await openRoleSigners(registry.keysFolder, { insecureDev: true }),
		clock: { nowMs: () => registry.now * 1000 },
		monotonicMs: () => registry.monotonicMs(),
		adminToken: ADMIN_TOKEN,
		publicUrl: () => "",
		...(proxies === undefined ? {} : { proxies }),
	});
	const imei = nextImei();
	const counts: Record<number, number> = {};
	await registry.inNoTime(async () => {
		for (let index = 1; index <= 40; index += 1) {
			const { statusCode } = await app.inject({
				url: `/v1/imei/${imei}`,
				remoteAddress: from,
				headers: { "x-forwarded-for": `198.51.100.${index}` },
			});
			counts[statusCode] = (counts[statusCode] ?? 0) + 1;
		}
	});
	await app.close();
	return counts;
}

describe("a rate limit", () => {
	test("counts a caller that forges X-Forwarded-For as the one that it is", async () => {
		expect(await forgedAnswers(undefined, "203.0.113.9")).toEqual({ 200: 30, 429: 10 });
	});

	test("counts callers behind a proxy that is trusted each for itself", async () => {
		expect(await forgedAnswers(["10.0.0.0/8"], "10.1.2.3")).toEqual({ 200: 40 });
	});

	test("believes nobody who comes past the proxy", async () => {
		expect(await forgedAnswers(["10.0.0.0/8"], "203.0.113.9")).toEqual({ 200: 30, 429: 10 });
	});

	test("says for how long to wait, in the answer and in its header", async () => {
		const statuses: number[] = [];
		let last = new Response();
		await registry.inNoTime(async () => {
			for (let index = 0; index < 31; index += 1) {
				last = await fetch(`${registry.url}/v1/imei/${nextImei()}`);
				statuses.push(last.status);
			}
		});
		expect(statuses.at(-1)).toBe(429);
		const seconds = last.headers.get("retry-after");
		expect(seconds).toMatch(/^[12]$/); // one question more every two seconds
		expect(await last.json()).toMatchObject({ code: "RATE_LIMITED", details: { retryAfterSeconds: seconds } });
	});

	test("waits as long as the bucket takes to hold one question more", () => {
		let nowMs = 0;
		const mayAsk = createRateLimit({ burst: 2, perMinute: 0.1, nowMs: () => nowMs });
		expect([mayAsk("a"), mayAsk("a"), mayAsk("a")]).toEqual([true, true, false]);
		expect(mayAsk.secondsToWait("a")).toBe(600);
		nowMs += 599_000;
		expect(mayAsk.secondsToWait("a")).toBe(1);
		nowMs += 1000;
		expect(mayAsk("a")).toBe(true);
	});
});

describe("who asks", () => {
	test.each([
		["203.0.113.9", "203.0.113.9"],
		["::ffff:203.0.113.9", "203.0.113.9"],
		["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
		["2001:db8:1:2:ffff:ffff:ffff:ffff", "2001:db8:1:2::/64"],
		["2001:0db8:0001:0002::1", "2001:db8:1:2::/64"],
		["2001:db8::1", "2001:db8:0:0::/64"],
		["::1", "0:0:0:0::/64"],
		["fe80::1%eth0", "fe80:0:0:0::/64"],
		["64:ff9b::192.0.2.1", "64:ff9b:0:0::/64"],
	])("is, for %s, %s", (ip, network) => {
		expect(networkOf(ip)).toBe(network);
	});
});

describe("--proxy", () => {
	test.each([
		["10.0.0.5", ["10.0.0.5"]],
		["10.0.0.5, 192.168.7.0/24", ["10.0.0.5", "192.168.7.0/24"]],
		["::1,fd00::/8", ["::1", "fd00::/8"]],
		["1", undefined],
		["", undefined],
		["true", undefined],
		["0.0.0.0/0", undefined],
		["10.0.0.0/33", undefined],
		["10.0.0.0/8/8", undefined],
		["proxy.example", undefined],
		["10.0.0.5,", undefined],
	])("%j is %j", (text, places) => {
		expect(parseTrustedProxies(text)).toEqual(places);
	});
});

describe("a refusal", () => {
	test("that an attack would leave behind is logged at warn: what, who, where from, which route, and nothing that was sent", async () => {
		const lines: Record<string, unknown>[] = [];
		const stream = new Writable({
			write(chunk: Buffer, _encoding, done) {
				lines.push(JSON.parse(chunk.toString()));
				done();
			},
		});
		const app = await createRegistry({
			database: registry.database,
			keys: await openRoleSigners(registry.keysFolder, { insecureDev: true }),
			clock: { nowMs: () => registry.now * 1000 },
			monotonicMs: () => registry.monotonicMs(),
			adminToken: ADMIN_TOKEN,
			publicUrl: () => "http://localhost",
			logger: { level: "warn", stream },
		});
		const from = { remoteAddress: "2001:db8:1:2::7" };
		await app.inject({ ...from, url: "/v1/contracts/SECRET-1", headers: { authorization: "Bearer wrong" } });
		await app.inject({ ...from, url: "/v1/session/passkey/options", method: "POST", payload: { secret: 1 } });
		await app.inject({ ...from, url: "/v1/imei/12345" });
		await app.inject({ ...from, url: "/nothing" });
		await app.close();
		const where = { level: 40, actor: null, from: "2001:db8:1:2::/64" };
		expect(lines).toMatchObject([
			{ ...where, code: "UNAUTHORIZED", method: "GET", route: "/v1/contracts/:id" },
			{ ...where, code: "WRONG_HOST", method: "POST", route: "/v1/session/passkey/options" },
			{ ...where, code: "BAD_REQUEST", method: "GET", route: "/v1/imei/:imei" },
		]);
		expect(JSON.stringify(lines)).not.toMatch(/SECRET|wrong|12345/);
	});
});

describe("a question asked twice in one address", () => {
	test("is refused, and not read as either of the two", async () => {
		const headers = { authorization: `Bearer ${ADMIN_TOKEN}` };
		for (const query of ["text=a&text=b", "limit=1&limit=2"]) {
			const { status } = await fetch(`${registry.url}/v1/contracts/search?${query}`, { headers });
			expect([query, status]).toEqual([query, 400]);
		}
	});
});
