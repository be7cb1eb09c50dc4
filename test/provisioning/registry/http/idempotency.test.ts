import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { createAccessClient } from "../../../../provisioning/registry/clients/access-client.ts";
import { deleteWhatIsOver } from "../../../../provisioning/registry/contracts/retention.ts";
import { USUAL_RETENTION } from "../../../../provisioning/registry/contracts/retention-settings.ts";
import { ADMIN_TOKEN, connect, contractRequest, DAY, startTestRegistry, type TestRegistry } from "../test-registry.ts";

let registry: TestRegistry;
beforeAll(async () => {
	registry = await startTestRegistry();
	await registry.admin.createContract(contractRequest("I-1"));
});
afterAll(() => registry?.close());

async function post(path: string, key: string | undefined, body: unknown, token = ADMIN_TOKEN) {
	const response = await fetch(`${registry.url}${path}`, {
		method: "POST",
		headers: {
			"content-type": "application/json",
			authorization: `Bearer ${token}`,
			...(key === undefined ? {} : { "idempotency-key": key }),
		},
		body: JSON.stringify(body),
	});
	const text = await response.text();
	const { code }: { code?: string } = JSON.parse(text);
	return {
		status: response.status,
		text,
		code,
		replayed: response.headers.get("idempotency-replayed"),
		retryAfter: response.headers.get("retry-after"),
	};
}

const restore = { action: "restore", reason: "goodwill" };
const orders = async () => (await registry.admin.listOrders("I-1")).length;

describe("the same key", () => {
	test("with the same request gives the same answer and does nothing twice, however the body is spelled", async () => {
		const first = await post("/v1/contracts/I-1/orders", '"k-1"', restore);
		const count = await orders();
		const again = await post("/v1/contracts/I-1/orders", "k-1", { reason: "goodwill", action: "restore" });
		expect([first.status, first.replayed, again.status, again.replayed]).toEqual([200, null, 200, "true"]);
		expect(again.text).toBe(first.text);
		expect(await orders()).toBe(count);
		// Without a key each is an order of its own.
		await post("/v1/contracts/I-1/orders", undefined, restore);
		expect(await orders()).toBe(count + 1);
	});

	test("with another request is refused, and does nothing", async () => {
		await post("/v1/contracts/I-1/orders", "k-2", restore);
		const count = await orders();
		for (const [path, body] of [
			["/v1/contracts/I-1/orders", { ...restore, reason: "payment" }],
			["/v1/contracts/I-2/orders", restore],
			["/v1/contracts/I-1/payments", { reference: "r", amountMinor: 1 }],
		] as const)
			expect(await post(path, "k-2", body)).toMatchObject({ status: 422, code: "IDEMPOTENCY_KEY_REUSED" });
		expect(await orders()).toBe(count);
	});

	test("many times at once is done once; those that come too early hear when to ask again", async () => {
		const count = await orders();
		const answers = await Promise.all(Array.from({ length: 8 }, () => post("/v1/contracts/I-1/orders", "k-3", restore)));
		expect(await orders()).toBe(count + 1);
		for (const answer of answers)
			expect([answer.status === 200 || (answer.status === 409 && answer.retryAfter === "5")]).toEqual([true]);
		expect(new Set(answers.filter(({ status }) => status === 200).map(({ text }) => text)).size).toBe(1);
	});

	test("of somebody else is another key", async () => {
		const { token } = await createAccessClient({ url: registry.url, adminToken: ADMIN_TOKEN }).addProgram({
			name: "loans",
			roles: ["agent"],
		});
		const count = await orders();
		await post("/v1/contracts/I-1/orders", "k-4", restore);
		await post("/v1/contracts/I-1/orders", "k-4", restore, token);
		expect(await orders()).toBe(count + 2);
	});

	test("after a refusal may be tried again: nothing was done", async () => {
		const payment = { reference: "later", amountMinor: 1000 };
		expect(await post("/v1/contracts/I-9/payments", "k-5", payment)).toMatchObject({ status: 404 });
		await registry.admin.createContract(contractRequest("I-9"));
		expect(await post("/v1/contracts/I-9/payments", "k-5", payment)).toMatchObject({ status: 200, replayed: null });
	});

	test("of another form is refused", async () => {
		for (const key of ["two words", "x".repeat(200), '"', "ä"]) {
			const answer = await post("/v1/contracts/I-1/orders", key, restore).catch(() => ({ status: 400 }));
			expect([key, answer.status]).toEqual([key, 400]);
		}
	});
});

describe("a registry that was killed in the middle", () => {
	/** As a kill leaves it: begun, and never ended. */
	async function asKilled(key: string): Promise<void> {
		const client = await connect(registry);
		await client.query("UPDATE idempotency_keys SET status = NULL, answer = NULL WHERE key = $1", [key]);
		await client.end();
	}

	test("before or after the commit has the order given once, and the same answer given again", async () => {
		const first = await post("/v1/contracts/I-1/orders", "k-6", restore);
		const count = await orders();
		await asKilled("k-6");
		expect(await post("/v1/contracts/I-1/orders", "k-6", restore)).toMatchObject({ status: 409, retryAfter: "5" });
		registry.now += 61;
		const again = await post("/v1/contracts/I-1/orders", "k-6", restore);
		expect([again.text, again.replayed, await orders()]).toEqual([first.text, null, count]);
	});

	test("says that what is not idempotent by its own ids is in doubt", async () => {
		const program = { name: "p", roles: ["agent"] };
		await post("/v1/programs", "k-7", program);
		await asKilled("k-7");
		registry.now += 61;
		expect(await post("/v1/programs", "k-7", program)).toMatchObject({ status: 409, code: "CONFLICT", retryAfter: null });
	});
});

test("no secret is kept: what told one is not told again", async () => {
	const program = { name: "secretive", roles: ["agent"] };
	const made = await post("/v1/programs", "k-8", program);
	expect(await post("/v1/programs", "k-8", program)).toMatchObject({ status: 409, code: "CONFLICT" });
	const { token }: { token: string } = JSON.parse(made.text);
	const { rows } = await registry.database.pool.query("SELECT * FROM idempotency_keys");
	expect(JSON.stringify(rows)).not.toContain(token.slice(-43));
});

test("keys are forgotten after a week", async () => {
	registry.now += 8 * DAY;
	await deleteWhatIsOver({ database: registry.database, clock: { nowMs: () => registry.now * 1000 } }, USUAL_RETENTION);
	const { rows } = await registry.database.pool.query("SELECT * FROM idempotency_keys");
	expect(rows).toEqual([]);
});
