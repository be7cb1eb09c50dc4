import { InMemorySpanExporter, type ReadableSpan } from "@opentelemetry/sdk-trace";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { wire } from "../../../../proto/wire.ts";
import { logSettings } from "../../../../provisioning/registry/http/log-settings.ts";
import { createOperations, type Operations } from "../../../../provisioning/registry/operations/operations.ts";
import { startOperationsServer } from "../../../../provisioning/registry/operations/start-operations-server.ts";
import { startTracing } from "../../../../provisioning/registry/operations/tracing.ts";
import { evidence, TestPhone } from "../test-phone.ts";
import { ADMIN_TOKEN, contractRequest, startTestRegistry, type TestRegistry } from "../test-registry.ts";

const spans = new InMemorySpanExporter();
const lines: string[] = [];
let operations: Operations;
let registry: TestRegistry;
beforeAll(async () => {
	const tracing = await startTracing({ OTEL_TRACES_SAMPLER: "always_on" }, "1.2.3", spans);
	operations = createOperations({ version: "1.2.3", tracing, dataFolder: "." });
	registry = await startTestRegistry({ operations, logger: logSettings(true, { write: (line) => lines.push(line) }) });
});
afterAll(() => registry.close());

async function enrolled(contractId: string, changes = {}): Promise<TestPhone> {
	const phone = new TestPhone();
	await registry.admin.createContract(contractRequest(contractId, changes));
	const offer = await registry.port.offerEnrollment(contractId, phone.identity);
	await registry.port.confirmEnrollment(offer.enrollmentId, await phone.bind(offer), evidence(contractId));
	return phone;
}

const checkIn = async (phone: TestPhone) => phone.takeReply(await registry.port.relayCheckIn(await phone.checkIn()));
const get = (path: string, init: RequestInit = {}) => fetch(`${registry.url}${path}`, init);

/** One sample of the metrics as they are now; `undefined` if there is none. */
async function sample(name: string): Promise<number | undefined> {
	const line = (await operations.read()).split("\n").find((each) => each.startsWith(`${name} `));
	return line === undefined ? undefined : Number(line.slice(name.length + 1));
}

describe("metrics", () => {
	test("count requests by route template, check-ins by their parts, and refusals by their code", async () => {
		const phone = await enrolled("M-1");
		for (let turn = 0; turn < 3; turn += 1) await checkIn(phone);
		phone.counter = 0;
		await registry.port.relayCheckIn(await phone.checkIn()).catch(() => undefined);
		await get("/v1/imei/356938035643809");
		const count = "holdfast_http_request_duration_seconds_count";
		expect(await sample(`${count}{method="POST",route="/v1/device/check-in",status="2xx"}`)).toBe(3);
		expect(await sample(`${count}{method="POST",route="/v1/device/check-in",status="4xx"}`)).toBe(1);
		expect(await sample(`${count}{method="GET",route="/v1/imei/:imei",status="2xx"}`)).toBe(1);
		expect(await sample(`holdfast_refusals_total{code="CHECK_IN_REPLAYED"}`)).toBe(1);
		for (const [phase, times] of [
			["read", 4],
			["verify", 4],
			["sign", 3],
		])
			expect([phase, await sample(`holdfast_check_in_phase_duration_seconds_count{phase="${phase}"}`)]).toEqual([phase, times]);
		expect(await sample(`holdfast_check_in_batch_size_count{queue="read"}`)).toBe(4);
		expect(await sample(`holdfast_check_in_queue_waiting{queue="read"}`)).toBe(0);
		expect(await sample(`holdfast_info{version="1.2.3"}`)).toBe(1);
	});

	test("watch each queue by itself: a check-in whose reply was lost waits to be read and confirmed, and is not written again", async () => {
		const phone = await enrolled("M-3");
		const asked = await phone.checkIn();
		const runs = (queue: string) => sample(`holdfast_check_in_batch_size_count{queue="${queue}"}`);
		const all = async () => Promise.all(["read", "record", "confirm"].map(async (queue) => (await runs(queue)) ?? 0));
		await registry.port.relayCheckIn(asked);
		const first = await all();
		expect(await sample(`holdfast_check_in_queue_waiting{queue="confirm"}`)).toBe(0);
		for (let turn = 0; turn < 2; turn += 1) await registry.port.relayCheckIn(asked);
		expect((await all()).map((count, at) => count - (first[at] ?? 0))).toEqual([2, 0, 2]);
		expect(await sample(`holdfast_check_in_batch_duration_seconds_count{queue="confirm"}`)).toBe(2);
		expect(await sample(`holdfast_check_in_queue_wait_seconds_count{queue="confirm"}`)).toBe(2);
	});

	test("say how the fleet, the keys and the database are", async () => {
		const phone = await enrolled("M-2");
		await registry.admin.issueOrder("M-2", { action: "restrict", level: "limited", reason: "fraud", note: "as decided" });
		await checkIn(phone);
		const refusedAs = (sequence: number, rule: string) => ({
			epoch: 1,
			sequence,
			result: wire.OrderResult.ORDER_RESULT_REFUSED,
			rule,
		});
		// The second is a phone's own words, and no name for a number that is kept.
		const outcomes = [refusedAs(1, "FROM_THE_FUTURE"), refusedAs(9, "call me at +525512345678")];
		await registry.port.relayCheckIn(await phone.checkIn({ outcomes }));
		expect(await sample(`holdfast_order_outcomes_total{result="refused",rule="FROM_THE_FUTURE"}`)).toBe(1);
		expect(await sample(`holdfast_order_outcomes_total{result="refused",rule="other"}`)).toBe(1);
		expect(await sample("holdfast_database_up")).toBe(1);
		expect(await sample(`holdfast_fleet_restrict_orders_allowed{window="1h"}`)).toBe(5);
		expect(await sample("holdfast_fleet_breaker_open")).toBe(0);
		expect(await sample("holdfast_payment_feed_stale")).toBe(0);
		expect(await sample(`holdfast_key_expiry_timestamp_seconds{role="command"}`)).toBeGreaterThan(registry.now);
		expect(await sample(`holdfast_data_disk_bytes{state="free"}`)).toBeGreaterThan(0);
		expect(await sample(`holdfast_fleet_silent_phones{days="3"}`)).toBe(0);
		// No feed was ever heard of: no number, rather than the year 1970.
		expect(await sample("holdfast_payment_feed_last_timestamp_seconds")).toBeUndefined();
		// The test's clock stands in another year than the database's.
		expect(Math.abs((await sample("holdfast_clock_offset_seconds")) ?? 0)).toBeGreaterThan(3600);
	});

	test("are served on a port of their own, and nowhere else", async () => {
		const server = await startOperationsServer(operations, { host: "127.0.0.1", port: 0 });
		try {
			const answer = await fetch(`${server.url}/metrics`);
			expect([answer.status, answer.headers.get("content-type")]).toEqual([200, operations.contentType]);
			expect(await answer.text()).toContain("holdfast_fleet_phones");
			expect((await fetch(`${server.url}/`)).status).toBe(404);
			expect((await fetch(`${server.url}/metrics`, { method: "POST" })).status).toBe(404);
			expect((await get("/metrics", { headers: { authorization: `Bearer ${ADMIN_TOKEN}` } })).status).toBe(404);
		} finally {
			await server.close();
		}
	});
});

describe("a trace", () => {
	test("of a check-in shows its parts, and how long it waited for the database and worked in it", async () => {
		const phone = await enrolled("T-1");
		await checkIn(phone);
		spans.reset();
		const asked = await phone.checkIn();
		await registry.port.relayCheckIn(asked);
		const done = () => spans.getFinishedSpans();
		await expect.poll(() => done().some(({ parentSpanContext }) => parentSpanContext === undefined)).toBe(true);
		const root = done().find(({ parentSpanContext }) => parentSpanContext === undefined);
		expect(root).toMatchObject({
			name: "POST /v1/device/check-in",
			attributes: { "http.request.method": "POST", "http.route": "/v1/device/check-in", "http.response.status_code": 200 },
		});
		const children = (of: ReadableSpan | undefined) =>
			done().filter(({ parentSpanContext }) => parentSpanContext?.spanId === of?.spanContext().spanId);
		const names = (of: ReadableSpan | undefined) => children(of).map(({ name }) => name);
		expect(names(root)).toEqual(["check-in read", "check-in verify", "check-in record", "check-in sign"]);
		expect(names(children(root)[0])).toEqual(["queue", "database"]);
		expect(new Set(done().map((span) => span.spanContext().traceId)).size).toBe(1);
		// Once more, because its reply was lost: what it waits for is the confirming alone.
		spans.reset();
		await registry.port.relayCheckIn(asked);
		await expect.poll(() => done().some(({ parentSpanContext }) => parentSpanContext === undefined)).toBe(true);
		expect(names(done().find(({ name }) => name === "check-in record"))).toEqual(["queue", "database"]);
	});

	test("is not gone on with where a caller began one, and there is none where nobody asked for any", async () => {
		spans.reset();
		await get("/healthz", { headers: { traceparent: "00-0123456789abcdef0123456789abcdef-0123456789abcdef-01" } });
		await expect.poll(() => spans.getFinishedSpans().length).toBe(1);
		expect(spans.getFinishedSpans()[0]?.spanContext().traceId).not.toBe("0123456789abcdef0123456789abcdef");
		expect(await startTracing({}, "1")).toBeUndefined();
		const where = { OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:4318" };
		expect(await startTracing({ ...where, OTEL_SDK_DISABLED: "true" }, "1")).toBeUndefined();
		expect(await startTracing({ ...where, OTEL_TRACES_EXPORTER: "none" }, "1")).toBeUndefined();
	});
});

test("nothing personal is in a log line, a metric or a trace, whatever is asked and however wrong", async () => {
	lines.length = 0;
	spans.reset();
	const phone = await enrolled("P-4711", {
		terms: {
			...contractRequest("P-4711").terms,
			lenderName: "Banco Secreto",
			accountShown: "ACC-998877",
			contact: { supportPhone: "+525598765432", payUrl: "https://pay.secreto.example/x" },
		},
	});
	await checkIn(phone);
	await registry.admin.recordPayment("P-4711", { reference: "ref-secret-1", amountMinor: 1000 });
	const { imei1, imei2 = "", serial } = phone.identity;
	const admin = { authorization: `Bearer ${ADMIN_TOKEN}`, "content-type": "application/json" };
	const post = (path: string, body: unknown, headers: Record<string, string> = admin) =>
		get(path, { method: "POST", headers, body: typeof body === "string" ? body : JSON.stringify(body) });
	await post("/v1/people", { name: "Ana Secreta", email: "ana@secreta.example", roles: ["agent"] });
	await get(`/v1/imei/${imei1}`);
	await get(`/v1/imei/${imei1}x`);
	await get(`/nothing/${imei1}?account=ACC-998877`);
	await get("/v1/contracts/P-4711", { headers: admin });
	await get(`/v1/contracts/${encodeURIComponent(`${imei2}\0`)}`, { headers: admin });
	await get("/v1/contracts/P-4711", { headers: { authorization: "Bearer hfp_abc_tokentokentoken" } });
	await get("/v1/people", { headers: { cookie: "__Host-holdfast=cookiecookiecookie" } });
	await post("/v1/contracts", `{"contractId": "${imei1}`);
	await post("/v1/contracts", { ...contractRequest("P-4711"), borrower: "Ana Secreta" });
	await post("/v1/contracts/P-4711/payments", { reference: "ref-secret-2", amountMinor: "ACC-998877" });
	await post("/v1/contracts/P-4711/orders", { action: "restrict", level: "limited", reason: "fraud", note: "Ana Secreta lies" });
	await post("/v1/borrower/sign-in", { contractId: "P-4711", code: "SECR-ETCO-DE12" }, { "content-type": "application/json" });
	await post("/v1/device/check-in", `${imei1} ${serial}`, { "content-type": "application/x-protobuf" });
	// A statement that PostgreSQL itself refuses, with a row of ours in its message.
	await registry.database.pool.query("ALTER TABLE payments ADD CONSTRAINT never CHECK (reference <> 'ref-secret-3')");
	await post("/v1/contracts/P-4711/payments", { reference: "ref-secret-3", amountMinor: 1 });
	await registry.database.pool.query("ALTER TABLE payments DROP CONSTRAINT never");

	const seen = {
		logs: lines.join(""),
		metrics: await operations.read(),
		traces: JSON.stringify(
			spans
				.getFinishedSpans()
				.map(({ name, attributes, events, status, resource }) => [name, attributes, events, status, resource.attributes]),
		),
	};
	const secrets = [
		...[imei1, imei2, serial, "P-4711", "ACC-998877", "Banco Secreto", "+525598765432", "pay.secreto.example"],
		...["Ana Secreta", "ana@secreta.example", "ref-secret", "SECR-ETCO", ADMIN_TOKEN, "tokentokentoken", "cookiecookiecookie"],
	];
	expect(lines.length).toBeGreaterThan(20);
	for (const [where, text] of Object.entries(seen)) {
		expect([where, secrets.filter((secret) => text.includes(secret))]).toEqual([where, []]);
	}
});

test("before it stops it says so, goes on answering, and lets go of connections; what was under way is answered", async () => {
	const phone = await enrolled("D-1");
	expect((await get("/readyz")).status).toBe(200);
	operations.drain();
	lines.length = 0;
	const ready = await get("/readyz");
	expect([ready.status, await ready.json()]).toMatchObject([503, { code: "UNAVAILABLE" }]);
	// Every restart does this: nobody is to be woken for it.
	expect(lines.map((line) => Reflect.get(JSON.parse(line), "level")).filter((level) => level > 30)).toEqual([]);
	expect(lines.join("")).toContain("UNAVAILABLE");
	expect((await get("/healthz")).headers.get("connection")).toBe("close");
	expect(await sample("holdfast_ready")).toBe(0);
	await checkIn(phone);
	// One that waits for its row while the server closes.
	const holder = await registry.database.pool.connect();
	await holder.query("BEGIN");
	await holder.query("SELECT FROM check_ins FOR UPDATE");
	const verified = `holdfast_check_in_phase_duration_seconds_count{phase="verify"}`;
	const before = (await sample(verified)) ?? 0;
	const answered = checkIn(phone);
	await expect.poll(() => sample(verified)).toBe(before + 1);
	const closed = registry.app.close();
	await holder.query("COMMIT");
	holder.release();
	expect(await answered).toMatchObject({ counter: 2 });
	await closed;
});
