import fc from "fast-check";
import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { searchQuery } from "../../../../provisioning/registry/contracts/contract-search.ts";
import type { ContractFilter, ContractSearch } from "../../../../provisioning/registry/contracts/contract-search-request.ts";
import {
	connect,
	contractRequest,
	DAY,
	expectFault,
	nextImei,
	START,
	startTestRegistry,
	type TestRegistry,
} from "../test-registry.ts";
import { loadContracts } from "./bulk-contracts.ts";

const MANY = 20_000;

let registry: TestRegistry;
beforeAll(async () => {
	registry = await startTestRegistry();
	const client = await connect(registry);
	await loadContracts(client, MANY, START);
	await client.end();
}, 120_000);
afterAll(() => registry.close());

/** Every contract that fits, page by page. */
async function walk(search: ContractSearch): Promise<string[]> {
	const ids: string[] = [];
	for (let after: string | undefined; ; ) {
		const page = await registry.console.search({ ...search, ...(after === undefined ? {} : { after }) });
		ids.push(...page.contracts.map(({ contractId }) => contractId));
		if (page.next === undefined) return ids;
		after = page.next;
	}
}

const FILTERS: readonly [string, ContractFilter][] = [
	["nothing", {}],
	["a state", { state: "returned" }],
	["a standing", { standing: "locked_full" }],
	["a state and a standing", { state: "open", standing: "locked_limited" }],
	["overdue", { overdueSinceDays: 30 }],
	["long overdue", { overdueSinceDays: 195 }],
	["silent", { silentSinceDays: 14 }],
	["overdue and silent", { overdueSinceDays: 30, silentSinceDays: 14 }],
	["what no contract is", { state: "paid_off", overdueSinceDays: 1 }],
	["the beginning of a number", { text: "HF-000012" }],
	["a whole number", { text: "HF-00001234" }],
	["the end of an IMEI", { text: "4321" }],
	["a whole IMEI", { text: "860000000001234" }],
	["an IMEI's end in one standing", { text: "4321", standing: "unlocked" }],
];

describe("a search", () => {
	test.each(FILTERS)("for %s finds what the tables say, in each order, each once", async (_what, filter) => {
		const { rows } = await registry.database.pool.query<{ contract_id: string }>(
			`SELECT contract_id FROM contracts c WHERE ($1::text IS NULL OR state = $1) AND ($2::int IS NULL OR standing = $2)
			AND ($3::bigint IS NULL OR state = 'open' AND paid_until < $3)
			AND ($4::int IS NULL OR state = 'open' AND seen_day > 0 AND seen_day <= $4)
			AND ($5::text IS NULL OR starts_with(contract_id, $5)
				OR length($5) >= 4 AND EXISTS (SELECT 1 FROM imeis i WHERE i.contract_id = c.contract_id AND i.imei LIKE '%' || $5))`,
			[
				filter.state ?? null,
				filter.standing === undefined ? null : { unlocked: 2, locked_limited: 4, locked_full: 5 }[filter.standing as string],
				filter.overdueSinceDays === undefined ? null : START - filter.overdueSinceDays * DAY,
				filter.silentSinceDays === undefined ? null : Math.floor(START / DAY) - filter.silentSinceDays,
				filter.text ?? null,
			],
		);
		const expected = rows.map(({ contract_id }) => contract_id).sort();
		// All of it where that is little; of a long list three pages.
		for (const sort of ["number", "due", "contact"] as const) {
			if (expected.length <= 1000) {
				const found = await walk({ ...filter, sort, limit: 200 });
				expect([...found].sort()).toEqual(expected);
			} else {
				const first = await registry.console.search({ ...filter, sort, limit: 200 });
				expect(first.contracts.every(({ contractId }) => expected.includes(contractId))).toBe(true);
				expect(first.next).toBeDefined();
			}
		}
	});

	test.each(FILTERS)("for %s reads no table from end to end", async (_what, filter) => {
		for (const sort of ["number", "due", "contact"] as const) {
			const { rows } = await sql<{ "QUERY PLAN": string }>`EXPLAIN ${searchQuery({ ...filter, sort, limit: 51 }, START)}`.execute(
				registry.database.kysely,
			);
			const plan = rows.map((row) => row["QUERY PLAN"]).join("\n");
			expect(plan).not.toMatch(/Seq Scan/);
		}
	});

	test("sorts by number, by what is longest overdue, and by what is longest silent", async () => {
		const number = await registry.console.search({ limit: 3 });
		expect(number.contracts.map(({ contractId }) => contractId)).toEqual(["HF-00000001", "HF-00000002", "HF-00000003"]);
		const due = (await registry.console.search({ sort: "due", limit: 100 })).contracts.map((each) => each.paidUntilUnixSeconds);
		expect(due).toEqual([...due].sort((a, b) => a - b));
		const silent = (await registry.console.search({ sort: "contact", silentSinceDays: 1, limit: 100 })).contracts.map(
			({ enrollment }) => enrollment?.lastCheckInUnixSeconds ?? 0,
		);
		expect(silent).toEqual([...silent].sort((a, b) => a - b));
	});

	test("takes only its own cursor", async () => {
		const { next = "" } = await registry.console.search({ limit: 1 });
		await expectFault(registry.console.search({ sort: "due", after: next }), "REGISTRY_REFUSED", { reason: "BAD_REQUEST" });
		await expectFault(registry.console.search({ after: "bm9uc2Vuc2U" }), "REGISTRY_REFUSED", { reason: "BAD_REQUEST" });
	});

	test.each(["%", "_F-0000", "' OR 1=1 --", '"><script>alert(1)</script>', "HF-\\", "\u202e4321"])(
		"takes %s as text and as nothing else",
		async (text) => {
			expect(await registry.console.search({ text })).toEqual({ contracts: [] });
		},
	);

	test("walked while others are entered, loses none and shows none twice", async () => {
		let serial = 0;
		await fc.assert(
			fc.asyncProperty(
				fc.array(
					fc.record({
						limit: fc.integer({ min: 1, max: 5 }),
						enter: fc.array(fc.integer({ min: 0, max: 999 }), { maxLength: 3 }),
					}),
					{
						minLength: 1,
						maxLength: 6,
					},
				),
				fc.constantFrom("number" as const, "due" as const, "contact" as const),
				async (steps, sort) => {
					serial += 1;
					const prefix = `W${serial}-`;
					const entered = new Set<string>();
					const enter = async (number: number) => {
						const id = `${prefix}${String(number).padStart(3, "0")}`;
						const due = START + (number + 1) * DAY;
						if (entered.has(id)) return id;
						entered.add(id);
						await registry.admin.createContract(
							contractRequest(id, {
								imeis: [nextImei()],
								terms: { ...contractRequest(id).terms, instalments: [{ dueAtUnixSeconds: due, amountMinor: 100 }] },
							}),
						);
						return id;
					};
					const first = await Promise.all([100, 300, 500, 700].map(enter));
					const seen: string[] = [];
					let after: string | undefined;
					for (let step = 0; ; step += 1) {
						const { limit = 3, enter: more = [] } = steps[step] ?? {};
						const page = await registry.console.search({ text: prefix, sort, limit, ...(after === undefined ? {} : { after }) });
						seen.push(...page.contracts.map(({ contractId }) => contractId));
						if (page.next === undefined) break;
						after = page.next;
						for (const number of more) await enter(number);
					}
					expect(new Set(seen).size).toBe(seen.length);
					expect(seen).toEqual(expect.arrayContaining(first));
				},
			),
			{ numRuns: 15 },
		);
	}, 120_000);
});
