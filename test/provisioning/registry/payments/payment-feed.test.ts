import { randomBytes } from "node:crypto";

import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { toBase64 } from "../../../../provisioning/registry/base64.ts";
import type { PaymentImportResult } from "../../../../provisioning/registry/contracts/console-request.ts";
import { csvLine } from "../../../../provisioning/registry/contracts/csv-line.ts";
import { readPaymentFile } from "../../../../provisioning/registry/payments/payment-file.ts";
import { signatureHeaders } from "../../../../provisioning/registry/webhooks/webhook-signature.ts";
import { contractRequest, DAY, expectFault, START, startTestRegistry, type TestRegistry } from "../test-registry.ts";

const [OLD, SECRET] = [new Uint8Array(randomBytes(32)), new Uint8Array(randomBytes(32))];

let registry: TestRegistry;
beforeAll(async () => {
	registry = await startTestRegistry({ paymentSecrets: [OLD, SECRET] });
	for (const id of ["P-1", "P-2", "P-3"]) await registry.admin.createContract(contractRequest(id));
});
afterAll(() => registry.close());

const give = (text: string, dryRun = false): Promise<PaymentImportResult> =>
	registry.console.importPayments({ file: toBase64(new TextEncoder().encode(text)), dryRun });
const codes = ({ errors }: PaymentImportResult) => errors.map(({ code, cell }) => `${code} ${cell}`);

describe("a file of payments", () => {
	test("is checked whole and books nothing where a cell is wrong; each mistake says where it stands", async () => {
		const result = await give(
			[
				"contract,reference,amount,currency,received",
				"P-1,OK-1,10.00,MXN,2026-05-30",
				"NONE,OK-2,10.00,MXN,",
				"P-1,,10.00,MXN,",
				"P-1,OK-3,10.005,MXN,",
				'P-1,OK-4,"1,000",MXN,',
				"P-1,OK-5,10.00,USD,",
				"P-1,OK-6,10.00,MXN,30/05/2026",
				"P-1,OK-7,10.00,MXN,2027-01-01",
				"P-1,=1+1,10.00,MXN,",
				"P-2,OK-1,11.00,MXN,",
				"a b,OK-8,0.00,MXN,",
			].join("\n"),
		);
		expect(codes(result)).toEqual([
			"contract-unknown A3",
			"reference-missing B4",
			"amount-decimals C5",
			"amount-form C6",
			"currency-other D7",
			"received-form E8",
			"received-future E9",
			"formula B10",
			"reference-twice B11",
			"contract-form A12",
			"amount-range C12",
		]);
		expect(result).toMatchObject({ booked: 0, errorCount: 11, failed: [] });
		expect((await registry.admin.getContract("P-1")).paidMinor).toBe(0);
	});

	test("is tried dry, booked, and changes nothing when it is given again", async () => {
		const file =
			"\ufeffContract;Reference;Amount;Received\r\nP-1;A-1;10.00;2026-06-01T05:00:00-06:00\r\nP-2;A-2;5;\r\n\r\nP-1;A-3;2.5;\r\n";
		const dry = await give(file, true);
		expect(dry).toMatchObject({ dryRun: true, rows: 3, booked: 3, totals: [{ currency: "MXN", amountMinor: 1750 }], errors: [] });
		expect((await registry.admin.getContract("P-1")).paidMinor).toBe(0);
		registry.now = START + DAY;
		expect(await give(file)).toMatchObject({ booked: 3, repeated: 0, failed: [] });
		expect(await give(file)).toMatchObject({ booked: 0, repeated: 3, failed: [] });
		expect((await registry.admin.getContract("P-1")).paidMinor).toBe(1250);
		const { payments } = await registry.console.story("P-1");
		expect(payments).toContainEqual({
			reference: "A-1",
			amountMinor: 1000,
			bookedAtUnixSeconds: START + DAY,
			receivedAtUnixSeconds: Date.parse("2026-06-01T11:00:00Z") / 1000,
			source: "import",
		});
		expect(codes(await give("contract,reference,amount\nP-1,A-1,99\n"))).toEqual(["reference-used B2"]);
	});

	test("says which contracts it would end, and refuses them afterwards", async () => {
		const file = "contract,reference,amount_minor\nP-3,E-1,2000\nP-3,E-2,1000\n";
		expect(await give(file, true)).toMatchObject({ paidOff: ["P-3"] });
		await give(file);
		expect((await registry.admin.getContract("P-3")).state).toBe("paid_off");
		expect(await give(file)).toMatchObject({ repeated: 2, errors: [] });
		expect(codes(await give("contract,reference,amount_minor\nP-3,E-3,1\n"))).toEqual(["contract-closed A2"]);
	});

	test.each<[string, string, string]>([
		["nothing", "", "column-missing file"],
		["no column", "contract,amount\nP-1,1", "column-missing file"],
		["a column twice", "contract,reference,amount,amount\nP-1,R,1,1", "column-twice D1"],
		["no row", "contract,reference,amount\n", "empty file"],
		["a quote that is not closed", 'contract,reference,amount\n"P-1,R,1\n', "unreadable file"],
		["what nobody sees", "contract,reference,amount\nP-1,R\u200b1,1\n", "control-character B2"],
	])("with %s is told so", async (_what, text, first) => {
		expect(codes(await give(text))[0]).toBe(first);
	});

	test("that is not text is told so", async () => {
		const result = await registry.console.importPayments({ file: toBase64(Uint8Array.of(0xc3, 0x28, 0x0a)) });
		expect(codes(result)).toEqual(["encoding file"]);
	});

	test("reads every table that was written as CSV, in either encoding", () => {
		const row = fc.record({
			contract: fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,20}$/),
			reference: fc.stringMatching(/^[A-Za-z0-9][!-~]{0,20}$/),
			minor: fc.integer({ min: 1, max: 1_000_000_000 }),
		});
		fc.assert(
			fc.property(
				fc.array(row, { minLength: 1, maxLength: 30 }),
				fc.constantFrom("utf8" as const, "utf16le" as const),
				(rows, encoding) => {
					const text = [
						csvLine(["contract", "reference", "amount_minor"]),
						...rows.map(({ contract, reference, minor }) => csvLine([contract, reference, String(minor)])),
					].join("");
					const read = readPaymentFile(new Uint8Array(Buffer.from(`\ufeff${text}`, encoding)));
					expect(read.errors).toEqual([]);
					expect(read.rows.map(({ contractId, reference, amount }) => [contractId, reference, amount])).toEqual(
						rows.map(({ contract, reference, minor }) => [contract, reference, { minor }]),
					);
				},
			),
		);
	});

	test("of any bytes is an answer, never a failure", () => {
		fc.assert(
			fc.property(
				fc.oneof(
					fc.uint8Array({ maxLength: 300 }),
					fc.string({ unit: "binary" }).map((text) => new TextEncoder().encode(`contract,reference,amount\n${text}`)),
				),
				(bytes) => {
					const { rows, errors } = readPaymentFile(bytes);
					expect(rows.length + errors.length).toBeGreaterThan(0);
				},
			),
		);
	});
});

describe("a payment by webhook", () => {
	const event = (reference: string, amountMinor = 100) =>
		JSON.stringify({ type: "payment.received", data: { contractId: "P-2", reference, amountMinor, currency: "MXN" } });
	async function send(body: string, changes: { secrets?: Uint8Array[]; sentAt?: number; sign?: string } = {}) {
		const { secrets = [SECRET], sentAt = registry.now, sign = body } = changes;
		const response = await fetch(`${registry.url}/v1/payments/webhook`, {
			method: "POST",
			headers: { "content-type": "application/json", ...signatureHeaders({ id: "msg_1", body: sign }, sentAt * 1000, secrets) },
			body,
		});
		return { status: response.status, body: (await response.json()) as { code?: string; repeated?: boolean } }; // a problem or an answer
	}

	test("is booked once, however often it is sent, by either secret", async () => {
		const before = (await registry.admin.getContract("P-2")).paidMinor;
		expect(await send(event("W-1"))).toMatchObject({ status: 200, body: { repeated: false } });
		expect(await send(event("W-1"), { secrets: [OLD] })).toMatchObject({ status: 200, body: { repeated: true } });
		expect((await registry.admin.getContract("P-2")).paidMinor).toBe(before + 100);
		const { audit } = await registry.console.story("P-2");
		expect(audit.filter(({ details }) => details["reference"] === "W-1")).toMatchObject([
			{ actor: "payment-feed", details: { source: "webhook" } },
		]);
	});

	test.each<[string, Parameters<typeof send>[1]]>([
		["with another secret", { secrets: [new Uint8Array(32)] }],
		["too old", { sentAt: START + DAY - 301 }],
		["from the future", { sentAt: START + DAY + 301 }],
		["of another body", { sign: event("W-3", 999) }],
	])("%s is refused", async (_what, changes) => {
		expect(await send(event("W-2"), changes)).toMatchObject({ status: 401, body: { code: "UNAUTHORIZED" } });
	});

	test("of another shape, contract or currency is refused", async () => {
		expect(await send("{")).toMatchObject({ status: 400 });
		expect(await send(event("W-4").replace("P-2", "NONE"))).toMatchObject({ status: 404, body: { code: "CONTRACT_UNKNOWN" } });
		expect(await send(event("W-4").replace("MXN", "USD"))).toMatchObject({ status: 400 });
	});

	test("takes no admin token instead of a signature", async () => {
		const response = await fetch(`${registry.url}/v1/payments/webhook`, {
			method: "POST",
			headers: { "content-type": "application/json", authorization: "Bearer test-admin-token-0123456789abcdef0123456789" },
			body: event("W-5"),
		});
		expect(response.status).toBe(401);
	});

	test("keeps the feed alive; without news new locks pause by themselves, on every registry", async () => {
		await registry.console.changeFleetSettings({ feedStaleAfterHours: 6 });
		expect((await registry.console.fleet()).feed).toMatchObject({ stale: false, staleAtUnixSeconds: registry.now + 6 * 3600 });
		registry.now += 6 * 3600 + 1;
		expect((await registry.console.fleet()).feed.stale).toBe(true);
		const other = await registry.sibling();
		expect((await other.console.fleet()).feed.stale).toBe(true);
		expect(await send(JSON.stringify({ type: "feed.alive" }))).toMatchObject({ status: 200 });
		expect((await registry.console.fleet()).feed).toMatchObject({ stale: false, lastUnixSeconds: registry.now });
		registry.now += 10; // as long as the other may believe what it read
		expect((await other.console.fleet()).feed.stale).toBe(false);
	});

	test("comes nowhere without a secret", async () => {
		const bare = await startTestRegistry();
		const response = await fetch(`${bare.url}/v1/payments/webhook`, { method: "POST", body: "{}" });
		await bare.close();
		expect(response.status).toBe(404);
	});
});

test("an import larger than the route takes is refused", async () => {
	await expectFault(registry.console.importPayments({ file: "A".repeat(4_000_004) }), "REGISTRY_REFUSED");
});
