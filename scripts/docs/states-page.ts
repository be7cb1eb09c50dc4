import { type Cell, CHAPTERS, type Chapter, type Row, transitionTable } from "../../test/agent/daemon/transition-table.ts";
import { STANDINGS, type StandingName } from "../../test/prove/standing-phones.ts";

const MEANINGS: Readonly<Record<StandingName, string>> = {
	unbound: "no contract, device owner",
	pending: "a binding was handed over, the device key is not made yet",
	unconfirmed: "bound, and the lender has not answered yet",
	unlocked: "paid, in contact",
	grace: "past due, being told",
	limited: "LOCKED_LIMITED for a debt, a pass and a dispute left",
	full: "LOCKED_FULL for a debt",
	pass: "overdue, while an emergency pass runs",
	held: "overdue, while a disaster's hold stands",
	released: "released, and the platform has not taken ownership back yet",
	returned: "released, ownership given back",
	recovered: "the ledger was lost, the anchor stands in for it",
};

/** What happens to a phone in every standing with every event, as a page. */
export function statesPage(): string {
	const table = transitionTable();
	const count = table.size * STANDINGS.length;
	return `# Every standing with every event

Written by \`npm run docs\` from the agent itself: each of the ${count} cells is a phone that was brought to its standing by living there, and
then met the event (\`test/agent/daemon/transition-table.ts\`). A test fails when a cell is not what is written here, so that a change of
behaviour is a changed cell in review; [PROMISES.md](PROMISES.md) says what must hold in all of them.

| standing | what it is |
| --- | --- |
${STANDINGS.map((name) => `| ${name} | ${MEANINGS[name]} |`).join("\n")}

In a cell: "taken" and "answered" are what the sender is told, "✗" a refusal and its reason (an F-number is the borrower's floor);
"→" is another standing, which restricts what [README.md](README.md) says; "+" and "−" are what is restricted, or not any more, without
another standing. Nothing at all is "·".

${CHAPTERS.map((chapter) => chapterOf(chapter, table)).join("\n\n")}
`;
}

function chapterOf({ title, rows }: Chapter, table: ReadonlyMap<Row, ReadonlyMap<StandingName, Cell>>): string {
	const lines = rows.map((row) => {
		const cells = STANDINGS.map((name) => textOf(table.get(row)?.get(name)));
		return `| ${row.says} | ${cells.join(" | ")} |`;
	});
	return `## ${title}\n\n| | ${STANDINGS.join(" | ")} |\n| --- | ${STANDINGS.map(() => "---").join(" | ")} |\n${lines.join("\n")}`;
}

function textOf(cell: Cell | undefined): string {
	if (!cell) return "";
	const moved = cell.to !== cell.from;
	// What a standing restricts is in another table; here only what changes within one.
	const parts = [
		cell.answer,
		moved ? `→ ${cell.to}${cell.isOpen ? ", all open" : ""}` : "",
		moved || cell.taken.length === 0 ? "" : `+ ${cell.taken.join(", ")}`,
		moved || cell.given.length === 0 ? "" : `− ${cell.given.join(", ")}`,
	].filter((part) => part !== "");
	return parts.length > 0 ? parts.join(" ") : "·";
}
