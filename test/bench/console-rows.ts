import { Client } from "pg";

import type { ContractSearch } from "../../provisioning/registry/contracts/contract-search-request.ts";
import { loadContracts } from "../provisioning/registry/contracts/bulk-contracts.ts";
import { ADMIN_TOKEN, START, startTestRegistry } from "../provisioning/registry/test-registry.ts";
import { median, type Row, within } from "./row.ts";

const CONTRACTS = 1_000_000;
const PAGES = 40;
const LIMIT_MS = 200;
/** Counts every contract. */
const FLEET_LIMIT_MS = 1000;
const LIST_LIMIT_MS = 60_000;

/** Filters as a console sends them; each is asked for several pages in a row, as somebody who turns them does. */
const FILTERS: readonly [string, ContractSearch][] = [
	["all by number", {}],
	["all by due date", { sort: "due" }],
	["all by last contact", { sort: "contact" }],
	["open", { state: "open" }],
	["returned by due date", { state: "returned", sort: "due" }],
	["locked, full", { standing: "locked_full" }],
	["open and locked, full, by last contact", { state: "open", standing: "locked_full", sort: "contact" }],
	["overdue 30 days by due date", { overdueSinceDays: 30, sort: "due" }],
	["overdue 30 days by number", { overdueSinceDays: 30 }],
	["overdue 199 days by number", { overdueSinceDays: 199 }],
	["silent 7 days by last contact", { silentSinceDays: 7, sort: "contact" }],
	["silent 80 days by number", { silentSinceDays: 80 }],
	["overdue 30 and silent 14 days by number", { overdueSinceDays: 30, silentSinceDays: 14 }],
	[
		"overdue 150, silent 60 days, locked, by due date",
		{ overdueSinceDays: 150, silentSinceDays: 60, standing: "locked_limited", sort: "due" },
	],
	["nothing: paid off and overdue", { state: "paid_off", overdueSinceDays: 1, sort: "contact" }],
	["nothing: released and never seen since 90 days", { state: "released", silentSinceDays: 90 }],
	["number prefix of 1,000", { text: "HF-00123" }],
	["number prefix of all by due date", { text: "HF-", sort: "due" }],
	["a whole number", { text: "HF-00123456" }],
	["4 digits of an IMEI", { text: "4321" }],
	["4 digits of an IMEI, locked, by due date", { text: "4321", standing: "locked_limited", sort: "due" }],
	["a whole IMEI", { text: "860000000123456" }],
];

/** The lender's console over HTTP, on 1,000,000 contracts in the registry's own PostgreSQL. */
export async function benchConsole(): Promise<Row[]> {
	const registry = await startTestRegistry();
	try {
		const { options } = registry.database.pool;
		// The password is hidden from copies.
		const client = new Client({ ...options, password: options.password, statement_timeout: 0, query_timeout: 0 });
		await client.connect();
		await loadContracts(client, CONTRACTS, START);
		await client.end();
		const rows: Row[] = [];
		for (const [name, search] of FILTERS) rows.push(...asRows(name, await timesOf(() => pages(search))));
		rows.push(...asRows("the fleet", await timesOf(() => timesOfFleet()), FLEET_LIMIT_MS));
		const startedAt = performance.now();
		const { listSha256, count } = await registry.console.fleetList({});
		await registry.console.extendFleet({ kind: "disaster", hours: 48, listSha256, count, note: "bench", requestId: "bench" });
		rows.push(within("console, list of the fleet looked at and kept", performance.now() - startedAt, "ms", LIST_LIMIT_MS));
		return rows;
	} finally {
		await registry.close();
	}

	async function pages(search: ContractSearch): Promise<number[]> {
		const times: number[] = [];
		for (let after: string | undefined; times.length < PAGES; ) {
			const startedAt = performance.now();
			const page = await registry.console.search({ ...search, ...(after === undefined ? {} : { after }) });
			times.push(performance.now() - startedAt);
			after = page.next; // after the last page the first again
		}
		return times;
	}

	async function timesOfFleet(): Promise<number[]> {
		const times: number[] = [];
		while (times.length < PAGES) {
			const startedAt = performance.now();
			const answer = await fetch(`${registry.url}/v1/fleet`, { headers: { authorization: `Bearer ${ADMIN_TOKEN}` } });
			await answer.arrayBuffer();
			times.push(performance.now() - startedAt);
		}
		return times;
	}
}

async function timesOf(measure: () => Promise<number[]>): Promise<number[]> {
	await measure(); // what is asked often is in memory
	return measure();
}

function asRows(name: string, times: readonly number[], limitMs = LIMIT_MS): Row[] {
	const sorted = [...times].sort((a, b) => a - b);
	const p95 = sorted[Math.floor(sorted.length * 0.95)] ?? Number.NaN;
	return [within(`console, ${name}: median`, median(times), "ms", limitMs), within(`console, ${name}: p95`, p95, "ms", limitMs)];
}
