import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { whatStillWorks } from "../../agent/policy/posture.ts";
import { type Jurisdiction, jurisdictions } from "../../proto/jurisdiction.ts";
import { wire } from "../../proto/wire.ts";
import { isAsked } from "../../provisioning/handset/hardware-answers.ts";
import { HARDWARE_CHECKLIST } from "../../provisioning/handset/hardware-checklist.ts";
import { INVARIANTS } from "../../test/prove/invariants.ts";
import { setupFiles } from "./high-availability.ts";
import { controlStrings, postureTableJava, postureTableScript } from "./posture-screens.ts";
import { type Place, type Pledge, PROMISES } from "./promises.ts";
import { statesPage } from "./states-page.ts";
import { tufPage } from "./tuf-page.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const DAY = 24 * 3600;
const HIGH_AVAILABILITY = "provisioning/registry/HIGH-AVAILABILITY.md";

/** A page of the documentation, or the generated part of one. */
export interface Page {
	readonly path: string;
	readonly text: string;
}

/** Every page that is generated, whole, as it should be now. */
export function generatedPages(): Page[] {
	return [
		{ path: "agent/PROMISES.md", text: promisesPage() },
		{ path: "agent/STATES.md", text: statesPage() },
		{ path: "agent/hosts/android/java/dev/holdfast/agent/screens/PostureTable.java", text: postureTableJava() },
		{ path: "agent/hosts/android/res/values/controls.xml", text: controlStrings() },
		{ path: "provisioning/web/borrower/posture-table.ts", text: postureTableScript() },
		{ path: "proto/TUF.md", text: tufPage() },
		{ path: "agent/README.md", text: withPart("agent/README.md", "posture", whatStillWorks()) },
		{ path: "README.md", text: withPart("README.md", "hardware", hardwareChecklist()) },
		{ path: HIGH_AVAILABILITY, text: withPart(HIGH_AVAILABILITY, "setup", setupFiles()) },
	];
}

function read(path: string): string {
	return readFileSync(join(ROOT, path), "utf8");
}

/** A page with the part between its two markers replaced. @throws if it has no such markers. */
function withPart(path: string, name: string, part: string): string {
	const page = read(path);
	const [begin, end] = [`<!-- ${name}: generated -->`, `<!-- /${name} -->`];
	const [from, to] = [page.indexOf(begin), page.indexOf(end)];
	if (from < 0 || to < from) throw new Error(`${path} has no part ${name}`);
	return `${page.slice(0, from + begin.length)}\n\n${part}\n\n${page.slice(to)}`;
}

/** The questions that only a phone answers, a table for each group. An asterisk: a report says something to it. */
function hardwareChecklist(): string {
	const cell = (text: string) => text.replaceAll("|", "\\|");
	return HARDWARE_CHECKLIST.map(({ title, questions }) =>
		[
			`**${title}**`,
			"",
			"| | question | how to find out | what to do with the answer |",
			"| --- | --- | --- | --- |",
			...questions.map((question) => {
				const mark = isAsked(question) ? "\\*" : "";
				return `| ${question.number}${mark} | ${[question.question, question.command, question.next].map(cell).join(" | ")} |`;
			}),
		].join("\n"),
	).join("\n\n");
}

function promisesPage(): string {
	const [borrower, lender] = ["F", "L"].map((letter) => PROMISES.filter(({ id }) => id.startsWith(letter)));
	return `# What is promised, and where to see that it holds

Written by \`npm run docs\` from \`scripts/docs/promises.ts\` and the sources themselves; a test fails when it is stale, when a line of
code that it names is gone, or a test that it names. "Search" is the exhaustive search over the shipped agent (\`scripts/prove\`,
[how it works](../test/prove/README.md)); "model" is the independent one in \`test/model/\`; the mutants that show that the search would
notice are in [MUTANTS.md](MUTANTS.md), what happens in every state in [STATES.md](STATES.md).

## To the borrower

${(borrower ?? []).map(sectionOf).join("\n\n")}

## To the lender

${(lender ?? []).map(sectionOf).join("\n\n")}

## What each place demands

No order and no terms go below these (\`proto/jurisdiction.ts\`; terms are refused where they are entered and again by the agent). A
status is what was found, not legal advice; ask a lawyer of the place.

${placesTable()}

${jurisdictions().map(sourceOf).join("\n")}
`;
}

function sectionOf({ id, promise, rule, code, tests, limit }: Pledge): string {
	const lines = [
		`### ${id}. ${promise}`,
		"",
		rule,
		"",
		`- Code: ${code.map(linkTo).join(", ")}`,
		`- Tests: ${tests.map((place) => `${linkTo(place)} "${titleOf(place)}"`).join("; ")}`,
		`- Search: ${searchedAs(id)}`,
		...(limit ? [`- Not covered here: ${limit}`] : []),
	];
	return lines.join("\n");
}

/** `path:line`, linked from agent/. @throws if the text is not there any more. */
function linkTo({ file, text }: Place): string {
	const line = lineOf({ file, text });
	return `[\`${file}:${line}\`](../${file}#L${line})`;
}

function lineOf({ file, text }: Place): number {
	const lines = read(file).split("\n");
	const index = lines.findIndex((line) => line.includes(text));
	if (index < 0) throw new Error(`${file} does not hold: ${text}`);
	return index + 1;
}

function titleOf({ file, text }: Place): string {
	const line = read(file).split("\n")[lineOf({ file, text }) - 1] ?? "";
	return /"((?:[^"\\]|\\.)+)"/.exec(line)?.[1] ?? text;
}

function placesTable(): string {
	const rows: [string, (place: Jurisdiction) => string][] = [
		["status", ({ status }) => status],
		["nothing before (days past due)", ({ minPastDueSeconds }) => days(minPastDueSeconds)],
		["highest level", ({ maxLevel }) => levelName(maxLevel)],
		["in LIMITED at least (days)", ({ minLimitedDwellSeconds }) => days(minLimitedDwellSeconds)],
		["notices, channels", ({ notices }) => `${notices.minCount}, ${notices.minChannels}`],
		["first notice not before (days past due)", ({ notices }) => days(notices.firstNotBeforePastDueSeconds)],
		[
			"to cure after the first, the last (days)",
			({ notices }) => `${days(notices.cureAfterFirstSeconds)}, ${days(notices.cureAfterLastSeconds)}`,
		],
		["first notice to lock (days)", ({ notices }) => days(notices.minTotalSeconds)],
		[
			"passes a year, hours each",
			({ passes }) => `${passes.minPerYear}, ${passes.minDurationSeconds / 3600}-${passes.maxDurationSeconds / 3600}`,
		],
		["no new lock", nightOf],
		["open again within (minutes)", ({ restoreMaxMinutes }) => String(restoreMaxMinutes)],
		[
			"for each wrongful hour",
			({ wrongfulHour }) => (wrongfulHour ? `${wrongfulHour.currency} ${wrongfulHour.amountMinor / 100}` : "-"),
		],
		["frees itself within (days)", ({ maxDeadLenderSeconds }) => days(maxDeadLenderSeconds)],
	];
	const places = jurisdictions();
	const table = [
		["", ...places.map(({ id }) => id)],
		["---", ...places.map(() => "---")],
		...rows.map(([label, cell]) => [label, ...places.map(cell)]),
	];
	return table.map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

function nightOf({ quietHours, quietWeekdays }: Jurisdiction): string {
	const clock = (minute: number) => `${String(Math.floor(minute / 60)).padStart(2, "0")}:${String(minute % 60).padStart(2, "0")}`;
	const night = quietHours ? `${clock(quietHours.startMinute)}-${clock(quietHours.endMinute)}` : "as the terms say";
	return quietWeekdays.includes(0) ? `${night}, Sundays` : night;
}

function sourceOf({ id, status, source, neverRestricted }: Jurisdiction): string {
	return `- **${id}** (${status}): ${source} Never restricted: ${neverRestricted.join(", ")}.`;
}

function days(seconds: number): string {
	return String(seconds / DAY);
}

function levelName(level: wire.RestrictionLevel): string {
	return wire.RestrictionLevel[level].replace("RESTRICTION_LEVEL_", "");
}

/** The invariants of the exhaustive search that hold a promise, in their own words. */
function searchedAs(id: string): string {
	const asked = INVARIANTS.filter((invariant) => invariant.id.split(" ")[0]?.split("/").includes(id));
	if (asked.length === 0) return "nothing to search: it is a matter of what exists, not of what happens";
	return asked.map((invariant) => `**${invariant.id}** ${invariant.says}`).join("; ");
}
