import { chmod, mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { Check } from "typebox/value";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { Problem } from "../../../../provisioning/registry/api.ts";
import { adminTokenIn, bearerCheck } from "../../../../provisioning/registry/http/admin-token.ts";
import { createRateLimit } from "../../../../provisioning/registry/http/rate-limit.ts";
import { ADMIN_TOKEN, contractRequest, nextImei, startTestRegistry, type TestRegistry } from "../test-registry.ts";

let registry: TestRegistry;
beforeAll(async () => {
	registry = await startTestRegistry();
});
afterAll(() => registry.close());

async function call(path: string, init: RequestInit & { token?: string; json?: unknown } = {}) {
	const { token = ADMIN_TOKEN, json, ...rest } = init;
	const response = await fetch(`${registry.url}${path}`, {
		...rest,
		headers: {
			authorization: `Bearer ${token}`,
			...(json === undefined ? {} : { "content-type": "application/json" }),
			...rest.headers,
		},
		...(json === undefined ? {} : { method: "POST", body: JSON.stringify(json) }),
	});
	const text = await response.text();
	return { status: response.status, headers: response.headers, text, body: text.startsWith("{") ? JSON.parse(text) : undefined };
}

const withLender = (lenderName: string) => {
	const request = contractRequest("H-TEXT");
	return { ...request, terms: { ...request.terms, lenderName } };
};

describe("every refusal", () => {
	test.each<[string, () => ReturnType<typeof call>, number, string]>([
		["nothing there", () => call("/v1/nothing"), 404, "NOT_FOUND"],
		["no token", () => call("/v1/contracts", { token: "" }), 401, "UNAUTHORIZED"],
		["a wrong token", () => call("/v1/contracts", { token: `${ADMIN_TOKEN}x` }), 401, "UNAUTHORIZED"],
		["an unknown contract", () => call("/v1/contracts/none"), 404, "CONTRACT_UNKNOWN"],
		["a shape that is not the schema's", () => call("/v1/contracts", { json: { contractId: "a b" } }), 400, "BAD_REQUEST"],
		[
			"a member that the schema does not know",
			() => call("/v1/contracts", { json: { ...contractRequest("H-1"), extra: 1 } }),
			400,
			"BAD_REQUEST",
		],
		[
			"a number that is text",
			() => call("/v1/contracts/none/payments", { json: { reference: "a", amountMinor: "5" } }),
			400,
			"BAD_REQUEST",
		],
		[
			"no JSON",
			() => call("/v1/contracts", { method: "POST", body: "{", headers: { "content-type": "application/json" } }),
			400,
			"BAD_REQUEST",
		],
		[
			"another content type",
			() => call("/v1/contracts", { method: "POST", body: "x", headers: { "content-type": "text/xml" } }),
			415,
			"UNSUPPORTED_MEDIA_TYPE",
		],
		["too much", () => call("/v1/contracts", { json: { a: "x".repeat(200_000) } }), 413, "TOO_LARGE"],
		["a bad IMEI", () => call("/v1/imei/123456789012345"), 422, "IMEI_INVALID"],
		["no IMEI", () => call("/v1/imei/12345"), 400, "BAD_REQUEST"],
		["U+0000 in a query", () => call("/v1/contracts?after=%00"), 400, "BAD_REQUEST"],
		["U+0000 in a text", () => call("/v1/contracts", { json: withLender("a\u0000b") }), 400, "BAD_REQUEST"],
		["half of a surrogate pair in a text", () => call("/v1/contracts", { json: withLender("\ud83d") }), 400, "BAD_REQUEST"],
	])("for %s is a problem with a stable code and a next step", async (_what, request, status, code) => {
		const answer = await request();
		expect(answer.status).toBe(status);
		expect(answer.headers.get("content-type")).toBe("application/problem+json");
		expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
		expect(answer.body).toMatchObject({ status, code });
		expect(Check(Problem, answer.body) && answer.body.next !== "").toBe(true);
	});

	test("for a failure of our own says nothing of its inside", async () => {
		await registry.database.pool.query("ALTER TABLE terms RENAME TO hidden");
		const answer = await call("/v1/contracts", { json: contractRequest("H-2") });
		await registry.database.pool.query("ALTER TABLE hidden RENAME TO terms");
		expect(answer).toMatchObject({ status: 500, body: { code: "INTERNAL" } });
		expect(answer.text).not.toMatch(/terms|relation|sql/i);
		expect((await call("/v1/contracts/H-2")).status).toBe(404);
	});
});

describe("the admin token", () => {
	test("is made once, is private, and is refused when others could read it", async () => {
		const folder = await mkdtemp(join(tmpdir(), "holdfast-token-"));
		const made = await Promise.all([adminTokenIn(folder), adminTokenIn(folder)]);
		expect(new Set(made.map(({ token }) => token)).size).toBe(1);
		const { token, file } = await adminTokenIn(folder);
		expect(token).toBe(made[0].token);
		expect((await stat(file)).mode & 0o777).toBe(0o600);
		await chmod(file, 0o644);
		await expect(adminTokenIn(folder)).rejects.toMatchObject({ code: "KEY_FILE_OPEN_TO_OTHERS" });
		await rm(folder, { recursive: true });
	});

	test("is taken as Bearer and in no other way", () => {
		const isAdmin = bearerCheck("secret");
		expect(isAdmin("Bearer secret")).toBe(true);
		for (const header of [undefined, "", "Bearer", "Bearer ", "secret", "Basic secret", "Bearer secret ", "Bearer Secret"]) {
			expect(isAdmin(header)).toBe(false);
		}
	});

	test("is asked for before the body is read, on every admin route and on no other", async () => {
		const { body } = await call("/openapi.json", { token: "" });
		for (const [path, operations] of Object.entries<Record<string, { security: unknown[] }>>(body.paths)) {
			for (const [method, { security }] of Object.entries(operations)) {
				const response = await fetch(`${registry.url}${path.replace(/\{\w+\}/g, "x")}`, { method: method.toUpperCase() });
				expect([path, method, response.status === 401]).toEqual([path, method, security.length > 0]);
			}
		}
	});
});

describe("every answer", () => {
	test("may not be framed, sniffed, referred from or kept", async () => {
		for (const path of ["/healthz", "/v1/contracts", "/nothing", "/openapi.json"]) {
			const { headers } = await fetch(`${registry.url}${path}`);
			expect([path, Object.fromEntries(headers)]).toMatchObject([
				path,
				{
					"content-security-policy": "default-src 'none'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'",
					"cross-origin-resource-policy": "same-origin",
					"x-content-type-options": "nosniff",
					"referrer-policy": "no-referrer",
					"cache-control": "no-store",
				},
			]);
			expect(headers.has("strict-transport-security")).toBe(false);
		}
	});
});

describe("the OpenAPI document", () => {
	test("describes every operation by a unique name, with a success and a problem, and every reference leads somewhere", async () => {
		const { body } = await call("/openapi.json", { token: "" });
		expect(body.openapi).toBe("3.1.0");
		expect(body.info).toMatchObject({ title: "Holdfast registry", version: "1" });
		const operations = Object.entries<Record<string, Record<string, unknown>>>(body.paths).flatMap(([path, methods]) =>
			Object.values(methods).map((operation) => ({ path, ...operation })),
		);
		const ids = operations.map((operation) => Reflect.get(operation, "operationId"));
		expect(ids.length).toBeGreaterThan(25);
		expect(new Set(ids).size).toBe(ids.length);
		for (const operation of operations) {
			expect(Reflect.get(operation, "summary")).toEqual(expect.any(String));
			const isRedirect = operation.path.startsWith("/v1/session/oidc/");
			const responses = Object.keys(Reflect.get(operation, "responses") as object).sort();
			expect(responses).toEqual([isRedirect ? "303" : "200", "default"]);
			const named = [...operation.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
			const parameters = (Reflect.get(operation, "parameters") ?? []) as { in: string; name: string }[];
			expect(parameters.filter((each) => each.in === "path").map((each) => each.name)).toEqual(named);
		}
		for (const [, reference = ""] of JSON.stringify(body).matchAll(/"\$ref":"#\/([^"]+)"/g)) {
			const target = reference
				.split("/")
				.reduce<unknown>((at, key) => (typeof at === "object" && at !== null ? Reflect.get(at, key) : undefined), body);
			expect(target).toBeDefined();
		}
	});
});

describe("the IMEI question", () => {
	test("says one word, and is answered only so often", async () => {
		const imei = nextImei();
		await registry.admin.createContract(contractRequest("H-3", { imeis: [imei] }));
		const answers: Awaited<ReturnType<typeof call>>[] = [];
		await registry.inNoTime(async () => {
			for (let count = 0; count < 40; count += 1) answers.push(await call(`/v1/imei/${imei}`, { token: "" }));
		});
		expect(answers[0]).toMatchObject({ status: 200, text: '{"status":"financed"}' });
		expect(answers.at(-1)).toMatchObject({ status: 429, body: { code: "RATE_LIMITED" } });
		expect(answers.at(-1)?.headers.get("retry-after")).toMatch(/^[12]$/);
	});

	test("is limited for each caller, and let in again as time passes", () => {
		let now = 0;
		const mayAsk = createRateLimit({ burst: 2, perMinute: 60, nowMs: () => now });
		expect([mayAsk("a"), mayAsk("a"), mayAsk("a"), mayAsk("b")]).toEqual([true, true, false, true]);
		now = 1000;
		expect([mayAsk("a"), mayAsk("a")]).toEqual([true, false]);
	});
});
