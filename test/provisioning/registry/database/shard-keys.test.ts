import { readFileSync } from "node:fs";
import { join } from "node:path";

import { Client, type PoolClient } from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { wire } from "../../../../proto/wire.ts";
import { createBorrowerClient } from "../../../../provisioning/registry/clients/borrower-client.ts";
import { ROOT } from "../../../house/source-tree.ts";
import { loadContracts } from "../contracts/bulk-contracts.ts";
import { evidence, TestPhone } from "../test-phone.ts";
import { contractRequest, DAY, START, startTestRegistry, type TestRegistry } from "../test-registry.ts";

interface Statement {
	readonly text: string;
	readonly values: unknown[];
}

interface Plan {
	readonly "Node Type": string;
	readonly "Relation Name"?: string;
	readonly "Index Cond"?: string;
	readonly "Recheck Cond"?: string;
	readonly Plans?: readonly Plan[];
}

/** Enough that reading a whole table is never the cheapest. */
const CONTRACTS = 5000;
/** A contract's own IMEIs: SCALE.md says what follows. */
const BY_ANOTHER_KEY = new Set(["imeis by contract_id"]);
const EVERYWHERE = "a copy everywhere";

/** By table, from the chapter that operators read. */
const keyOf = new Map(
	readFileSync(join(ROOT, "provisioning/registry/SCALE.md"), "utf8")
		.split("## Keys by which tables can be spread")[1]
		?.split("What does not fit")[0]
		?.split("\n")
		.flatMap((line) => {
			const [, key = "", tables = ""] = line.split("|").map((cell) => cell.trim());
			return [...tables.matchAll(/`(\w+)`/g)].map(([, table = ""]) => [table, key.replaceAll("`", "")] as const);
		}),
);

const query = Client.prototype.query;
const heard: Statement[] = [];
let registry: TestRegistry;
let explaining: PoolClient;
beforeAll(async () => {
	registry = await startTestRegistry();
	explaining = await registry.database.pool.connect();
	await loadContracts(explaining, CONTRACTS, START);
	// What a plan could not do otherwise on a table that is spread.
	for (const way of ["seqscan", "hashjoin", "mergejoin"]) await explaining.query(`SET enable_${way} = off`);
	Client.prototype.query = function (this: unknown, ...given: unknown[]) {
		const [asked, values] = given;
		const config = typeof asked === "string" ? { text: asked } : (asked as Partial<Statement>); // pg takes nothing else
		if (this !== explaining)
			heard.push({ text: config.text ?? "", values: config.values ?? (Array.isArray(values) ? values : []) });
		return Reflect.apply(query, this, given);
	} as typeof query; // it passes on whatever it is given
});
afterAll(async () => {
	Client.prototype.query = query;
	explaining?.release();
	await registry?.close();
});

function scansIn(plan: Plan): readonly Plan[] {
	return [...(plan["Relation Name"] === undefined ? [] : [plan]), ...(plan.Plans ?? []).flatMap(scansIn)];
}

/** What of a statement does not name the key of a table that it reads, changes or adds to. */
async function unkeyed({ text, values }: Statement): Promise<string[]> {
	if (!/^[\s(]*(?:with|select|insert|update|delete)\b/i.test(text)) return [];
	const { rows } = await explaining.query(`EXPLAIN (FORMAT JSON) ${text}`, values);
	const plan = rows[0]["QUERY PLAN"][0].Plan as Plan; // PostgreSQL's own form
	return scansIn(plan).flatMap((scan) => {
		const table = scan["Relation Name"]?.replace(/^check_in_events_.*/, "check_in_events") ?? "";
		const key = keyOf.get(table) ?? "no key";
		if (key === EVERYWHERE) return [];
		// Adding: all its columns are named in the statement.
		if (scan["Node Type"] === "ModifyTable" && new RegExp(`insert into "?${table}"?\\s*\\([^)]*\\b${key}\\b`, "i").test(text))
			return [];
		if (scan["Node Type"] === "ModifyTable" && scan.Plans?.some((below) => scansIn(below).length > 0)) return [];
		const condition = scan["Index Cond"] ?? scan["Recheck Cond"] ?? "";
		if (new RegExp(`\\b${key} = `).test(condition)) return [];
		const other = [...BY_ANOTHER_KEY].some(
			(each) => each.startsWith(`${table} by `) && condition.includes(`${each.slice(`${table} by `.length)} = `),
		);
		return other
			? []
			: [`${scan["Node Type"]} of ${table} not by ${key} but [${condition}]: ${text.replace(/\s+/g, " ").slice(0, 300)}`];
	});
}

async function during(act: () => Promise<unknown>): Promise<{ count: number; found: string[] }> {
	heard.length = 0;
	await act();
	const statements = heard.splice(0);
	const found: string[] = [];
	for (const statement of statements) found.push(...(await unkeyed(statement)));
	return { count: statements.length, found };
}

test("every table has its place in the chapter on scale", async () => {
	const { rows } = await registry.database.pool.query<{ name: string }>(
		`SELECT c.relname AS name FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
		AND NOT c.relispartition AND c.relname NOT LIKE 'kysely%' ORDER BY 1`,
	);
	expect([...keyOf.keys()].sort()).toEqual(rows.map(({ name }) => name).sort());
});

test("every key is a column of its tables, and stands in all that must be unique but for what the chapter names", async () => {
	const { rows } = await registry.database.pool.query<{ table: string; index: string; columns: string[] }>(
		`SELECT c.relname AS table, i.relname AS index, array_agg(a.attname::text) AS columns
		FROM pg_index x JOIN pg_class c ON c.oid = x.indrelid JOIN pg_class i ON i.oid = x.indexrelid
		JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = ANY (x.indkey)
		WHERE x.indisunique AND c.relnamespace = 'public'::regnamespace AND NOT c.relispartition GROUP BY 1, 2`,
	);
	const without = rows.filter(({ table, columns }) => {
		const key = keyOf.get(table);
		return key !== undefined && key !== EVERYWHERE && !columns.includes(key);
	});
	expect(without.map(({ index }) => index).sort()).toEqual(["contracts_by_certificate", "service_cases_pkey"]);
});

describe("no statement asks more than one place", { timeout: 120_000 }, () => {
	const phone = new TestPhone();
	const checkIn = async (status: wire.DeviceStatus.$Properties = { standing: wire.Standing.STANDING_UNLOCKED }) =>
		phone.takeReply(await registry.port.relayCheckIn(await phone.checkIn({ status })));
	const flows: readonly (readonly [string, () => Promise<unknown>])[] = [
		["a contract", () => registry.admin.createContract(contractRequest("S-1"))],
		[
			"an enrolment",
			async () => {
				const offer = await registry.port.offerEnrollment("S-1", phone.identity);
				await registry.port.confirmEnrollment(offer.enrollmentId, await phone.bind(offer), evidence("S-1"));
			},
		],
		["a first check-in", () => checkIn()],
		["a check-in", () => checkIn()],
		[
			"a day's first check-in",
			() => {
				registry.now += DAY;
				return checkIn();
			},
		],
		["a payment", () => registry.admin.recordPayment("S-1", { reference: "p-1", amountMinor: 1000 })],
		["an order", () => registry.admin.issueOrder("S-1", { action: "restore", reason: "goodwill" })],
		["a check-in with orders", () => checkIn()],
		["a check-in that tells of a lock", () => checkIn({ standing: wire.Standing.STANDING_LOCKED_LIMITED })],
		["an IMEI", () => registry.admin.imeiStatus(phone.identity.imei1)],
		["a contract's page", () => registry.console.story("S-1")],
		[
			"a borrower's page",
			async () => {
				const { code } = await registry.admin.borrowerCode("S-1");
				return (await createBorrowerClient({ url: registry.url }).signIn("S-1", code)).contract();
			},
		],
		["a payoff", () => registry.admin.payOff("S-1", { reference: "paid" })],
		["a release code", () => registry.admin.releaseCode("S-1")],
		["a check-in that tells of its end", () => checkIn({ standing: wire.Standing.STANDING_RELEASED })],
	];

	test.for(flows)("for %s", async ([, act]) => {
		const { count, found } = await during(act);
		expect(found).toEqual([]);
		expect(count).toBeGreaterThan(0);
	});

	test("and one that does is told apart", async () => {
		const { found } = await during(() => registry.console.search({ sort: "due", limit: 5 }));
		expect(found.join("\n")).toMatch(/of contracts not by contract_id/);
	});
});
