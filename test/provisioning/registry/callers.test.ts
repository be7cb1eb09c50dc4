import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { createRegistry } from "../../../provisioning/registry/http/create-registry.ts";
import { networkOf } from "../../../provisioning/registry/http/network-of.ts";
import { createRateLimit } from "../../../provisioning/registry/http/rate-limit.ts";
import { parseTrustedProxies } from "../../../provisioning/registry/http/trusted-proxies.ts";
import { openRoleSigners } from "../../../provisioning/registry/keys/lender-keys.ts";
import { ADMIN_TOKEN, nextImei, startTestRegistry, type TestRegistry } from "./test-registry.ts";

let registry: TestRegistry;
beforeAll(async () => {
	registry = await startTestRegistry();
});
afterAll(() => registry.close());

/** Asks for a phone 40 times, each time under another forged address, and counts the answers. */
async function forgedAnswers(trustProxy: readonly string[] | undefined, from: string): Promise<Record<number, number>> {
	const app = await createRegistry({
		database: registry.database,
		keys: await openRoleSigners(registry.keysFolder, { insecureDev: true }),
		clock: { nowMs: () => registry.now * 1000 },
		adminToken: ADMIN_TOKEN,
		publicUrl: () => "",
		...(trustProxy === undefined ? {} : { trustProxy }),
	});
	const imei = nextImei();
	const counts: Record<number, number> = {};
	for (let index = 1; index <= 40; index += 1) {
		const { statusCode } = await app.inject({
			url: `/v1/imei/${imei}`,
			remoteAddress: from,
			headers: { "x-forwarded-for": `198.51.100.${index}` },
		});
		counts[statusCode] = (counts[statusCode] ?? 0) + 1;
	}
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
		for (let index = 0; index < 31; index += 1) {
			last = await fetch(`${registry.url}/v1/imei/${nextImei()}`);
			statuses.push(last.status);
		}
		expect(statuses.at(-1)).toBe(429);
		expect(last.headers.get("retry-after")).toBe("2");
		expect(await last.json()).toMatchObject({ code: "RATE_LIMITED", details: { retryAfterSeconds: "2" } });
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

describe("--trust-proxy", () => {
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
