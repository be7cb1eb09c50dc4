import type { AttackResult } from "./attack.ts";

const cell = (text: string) => text.replaceAll("|", "\\|").replaceAll(/\s+/g, " ");

/** The table as Markdown, grouped by who attacks; with a summary above it. */
export function attackTable(groups: Readonly<Record<string, readonly AttackResult[]>>): string {
	const parts = Object.entries(groups).map(([who, rows]) =>
		[
			`### ${who}`,
			"",
			"| attack | source | expected | observed | verdict |",
			"| --- | --- | --- | --- | --- |",
			...rows.map(
				({ id, attack, source, expected, observed, verdict }) =>
					`| ${cell(attack)} (\`${id}\`) | ${[source, expected, observed, verdict].map(cell).join(" | ")} |`,
			),
		].join("\n"),
	);
	return `${summaryOf(Object.values(groups).flat())}\n\n${parts.join("\n\n")}\n`;
}

/** `70 attacks: 61 defended, 0 open, 9 hardware only`. */
export function summaryOf(rows: readonly AttackResult[]): string {
	const count = (verdict: AttackResult["verdict"]) => rows.filter((row) => row.verdict === verdict).length;
	return `${rows.length} attacks: ${count("defended")} defended, ${count("open")} open, ${count("hardware only")} hardware only`;
}
