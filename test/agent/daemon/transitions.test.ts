import { describe, expect, test } from "vitest";

import { STANDINGS, type StandingName } from "../../prove/standing-phones.ts";
import { type Cell, CHAPTERS, NO_AUTHORITY, ORDERS, type Row, transitionTable } from "./transition-table.ts";

/** That every cell is what agent/STATES.md says is the matter of the test of generated pages; here is what must hold in all of them. */
const table = transitionTable();
const rows = [...table.keys()];
const FREE: readonly StandingName[] = ["unbound", "pending", "released", "returned"];
const BOUND = STANDINGS.filter((name) => !FREE.includes(name));
const LOOSENING = /^(Extend, past|Extend, into|Restore|Hold|ServiceWindow, an|NewTerms, looser|Release)/;

const cells = (row: Row): [StandingName, Cell][] => [...(table.get(row) ?? [])];
const isLock = (standing: string) => standing.startsWith("LOCKED");

test("every event, request and order stands beside every standing", () => {
	expect(rows.length).toBeGreaterThan(60);
	expect(new Set(rows.map(({ says }) => says)).size).toBe(rows.length);
	for (const row of rows) expect(cells(row).map(([name]) => name)).toEqual([...STANDINGS]);
	const froms = new Set(rows.flatMap((row) => cells(row).map(([, { from }]) => from)));
	expect(froms).toEqual(new Set(["UNBOUND", "UNLOCKED", "GRACE", "LOCKED_LIMITED", "LOCKED_FULL", "RELEASED"]));
});

describe.each(NO_AUTHORITY.rows)("$says", (row) => {
	test.each(cells(row))("does nothing to a phone that is %s", (_, { answer, from, to, taken, given }) => {
		expect(answer).toMatch(/^✗ /);
		expect({ to, taken, given }).toEqual({ to: from, taken: [], given: [] });
	});
});

test("what loosens is refused to no phone that is bound, whatever the floor says of locks", () => {
	const loosening = ORDERS.rows.filter(({ says }) => LOOSENING.test(says));
	expect(loosening.length).toBe(9);
	for (const row of loosening) for (const name of BOUND) expect(table.get(row)?.get(name)?.answer, row.says).toBe("taken");
});

test("nothing but time locks a phone that is not locked: no event, no request, no order in its turn", () => {
	const locking = rows.filter((row) => cells(row).some(([, { from, to }]) => !isLock(from) && isLock(to)));
	expect(locking.map(({ says }) => says)).toEqual([
		"120 days pass, nobody looks at a notice",
		"120 days pass, every notice is read",
	]);
	const unread = cells(locking[0] as Row).filter(([, { from, to }]) => !isLock(from) && isLock(to));
	// Its notices were read before its pass began.
	expect(unread.map(([name]) => name)).toEqual(["pass"]);
});

test("what is free stays free and open, whatever comes", () => {
	for (const row of rows) {
		for (const name of ["released", "returned"] as const) {
			const cell = table.get(row)?.get(name);
			expect({ to: cell?.to, isOpen: cell?.isOpen }, `${row.says}, ${name}`).toEqual({ to: "RELEASED", isOpen: true });
		}
	}
});

test("the only way out of being free is a new binding, and none for a phone that was released", () => {
	const binding = rows.filter((row) => table.get(row)?.get("unbound")?.to !== "UNBOUND");
	expect(binding.map(({ says }) => says)).toEqual(["Bind, the same binding again", "Bind, another binding of the lender"]);
	for (const row of binding) expect(table.get(row)?.get("released")?.answer).toBe("✗ RELEASED");
});

test("five chapters, none empty", () => {
	expect(CHAPTERS.map(({ rows: some }) => some.length > 5)).toEqual([true, true, true, true, true]);
});
