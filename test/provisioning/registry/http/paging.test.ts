import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { readCursor, writeCursor } from "../../../../provisioning/registry/cursor.ts";
import { ADMIN_TOKEN, contractRequest, startTestRegistry, type TestRegistry } from "../test-registry.ts";

let registry: TestRegistry;
beforeAll(async () => {
	registry = await startTestRegistry();
});
afterAll(() => registry?.close());

async function get(path: string): Promise<{ status: number; body: Record<string, unknown> }> {
	const response = await fetch(`${registry.url}${path}`, { headers: { authorization: `Bearer ${ADMIN_TOKEN}` } });
	const body: Record<string, unknown> = JSON.parse(await response.text());
	return { status: response.status, body };
}

describe("pages", () => {
	test("of a contract's orders hold each once and in turn while more are issued", async () => {
		await registry.admin.createContract(contractRequest("O-1"));
		const issue = () => registry.admin.issueOrder("O-1", { action: "restore", reason: "goodwill" });
		for (let count = 0; count < 5; count += 1) await issue();
		const seen: number[] = [];
		for (let cursor = ""; ; ) {
			const { body } = await get(`/v1/contracts/O-1/orders?limit=2${cursor}`);
			seen.push(...(body["orders"] as { sequence: number }[]).map(({ sequence }) => sequence));
			if (seen.length < 4) await issue();
			if (body["nextCursor"] === undefined) break;
			cursor = `&cursor=${String(body["nextCursor"])}`;
		}
		expect(seen).toEqual([1, 2, 3, 4, 5, 6]);
		expect((await registry.admin.listOrders("O-1")).map(({ sequence }) => sequence)).toEqual(seen);
	});

	test("of contracts hold each that was there at the start once, whatever is entered before or after meanwhile", async () => {
		for (const id of ["B-1", "B-3", "B-5"]) await registry.admin.createContract(contractRequest(id));
		const seen: string[] = [];
		for (let after: string | undefined; ; ) {
			const page = await registry.admin.listContracts({ limit: 1, ...(after === undefined ? {} : { after }) });
			seen.push(...page.contracts.map(({ contractId }) => contractId));
			if (seen.length === 2) for (const id of ["A-0", "B-4"]) await registry.admin.createContract(contractRequest(id));
			if (page.next === undefined) break;
			after = page.next;
		}
		expect(seen).toEqual(["B-1", "B-3", "B-4", "B-5", "O-1"]);
	});

	test("have bounds, and take no cursor but their own", async () => {
		const other = writeCursor("webhook-deliveries", [1]);
		for (const query of ["limit=0", "limit=501", "limit=x", "cursor=", "cursor=!", "cursor=Zm9v", `cursor=${other}`, "page=2"])
			expect([query, (await get(`/v1/contracts/O-1/orders?${query}`)).status]).toEqual([query, 400]);
	});
});

describe("a cursor", () => {
	test("is read as it was written, and as nothing else", () => {
		fc.assert(
			fc.property(fc.stringMatching(/^[!-~]{0,40}$/), fc.maxSafeInteger(), (text, number) => {
				const cursor = writeCursor("list", [text, number]);
				expect(readCursor("list", cursor, ["string", "number"] as const)).toEqual([text, number]);
				expect(() => readCursor("other", cursor, ["string", "number"] as const)).toThrow();
				expect(() => readCursor("list", cursor, ["number", "string"] as const)).toThrow();
			}),
		);
	});

	test("of any other text is refused", () => {
		fc.assert(
			fc.property(fc.string(), (text) => {
				expect(() => readCursor("list", text, ["number"] as const)).toThrow("no cursor");
			}),
		);
	});
});
