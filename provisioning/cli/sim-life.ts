import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Script } from "node:vm";

import type { Command } from "commander";

import { toHex } from "../../proto/crypto.ts";
import { createNodeCrypto } from "../registry/node-crypto.ts";
import type { AgentScript } from "../simulation/agent-script.ts";
import { liveScenario } from "../simulation/life.ts";
import { type LifeReport, reportOf } from "../simulation/life-report.ts";
import type { Moment, MomentKind } from "../simulation/moment.ts";
import { parseScenario, type Scenario } from "../simulation/scenario.ts";
import { STORY_NAMES, story } from "../simulation/stories.ts";
import { perform, withCommonFlags } from "./command.ts";
import type { CommandContext } from "./context.ts";
import { ExitCode } from "./exit-codes.ts";
import { pagesFolder } from "./pages-folder.ts";
import { UsageError } from "./usage-error.ts";

interface LifeFlags {
	readonly agent?: string;
	readonly record?: string;
}

/** `holdfast sim life`: a scenario of the simulator's page, without a page. */
export function addSimLife(sim: Command): void {
	const life = sim
		.command("life")
		.argument("<scenario>", `a file that the simulator saved, or a story: ${STORY_NAMES.join(", ")}`)
		.description("live a contract on a simulated phone, decided by the agent's own script, and print what it decided and why")
		.option("--agent <file>", "the agent's script; default: the one that was built for the pages")
		.option("--record <file>", "write the borrower's record, for `holdfast audit verify`");
	withCommonFlags(life).action(perform<LifeFlags>(live));
}

async function live({ output }: CommandContext, flags: LifeFlags, [name = ""]: readonly string[]): Promise<ExitCode> {
	const scenario = await scenarioOf(name);
	const { script, sha256 } = await agentOf(flags.agent ?? join(pagesFolder(), "agent-bundle/agent.js"));
	const lived = liveScenario(script, scenario);
	if ("problem" in lived) throw new UsageError(`the agent does not take this contract: ${lived.problem}`);
	const report = reportOf(lived);
	if (flags.record !== undefined) await writeFile(flags.record, lived.exportRecord());
	output.result({ ok: true, agentSha256: sha256, scenario: scenario.name, ...report }, linesOf(report, scenario));
	output.note(`Decided by the agent's script ${sha256.slice(0, 16)}...`);
	return ExitCode.ok;
}

async function scenarioOf(name: string): Promise<Scenario> {
	const told = STORY_NAMES.find((each) => each === name);
	if (told) return story(told);
	const read = parseScenario(await textOf(name));
	if ("problem" in read) throw new UsageError(`${name} is not a scenario: ${read.problem}`);
	return read.scenario;
}

/** Evaluates the bundle: a script of this project's own, which leaves one name. */
async function agentOf(path: string): Promise<{ script: AgentScript; sha256: string }> {
	const text = await textOf(path).catch(() => {
		throw new UsageError(`there is no agent's script at ${path}: run npm run build, or name one with --agent`);
	});
	const opened: unknown = new Script(`(() => { ${text}\nreturn typeof holdfast === "object" ? holdfast : undefined; })()`, {
		filename: path,
	}).runInThisContext();
	if (!isAgentScript(opened)) throw new UsageError(`${path} is not the agent's script`);
	return { script: opened, sha256: toHex(createNodeCrypto().sha256(new TextEncoder().encode(text))) };
}

function isAgentScript(value: unknown): value is AgentScript {
	return typeof value === "object" && value !== null && "open" in value && typeof value.open === "function";
}

async function textOf(path: string): Promise<string> {
	return readFile(path, "utf8").catch((error: unknown) => {
		throw new UsageError(`${path} cannot be opened: ${error instanceof Error ? error.message : String(error)}`);
	});
}

function linesOf(report: LifeReport, { startsAtUnixSeconds }: Scenario): string[] {
	const { standing, lockedMinutes, wrongfulMinutes, paidInstalments, moments, recordHead } = report;
	return [
		...moments.filter(({ kind }) => kind !== "noticeAsNotification").map((moment) => lineOf(moment, startsAtUnixSeconds)),
		"",
		`After ${Math.floor(report.hours / 24)} days: ${standing}. ${paidInstalments} instalments paid; ` +
			`${lockedMinutes.limited} minutes limited, ${lockedMinutes.full} fully locked, ${wrongfulMinutes} of them by mistake.`,
		`Head of the record: ${recordHead}`,
	];
}

function lineOf({ atUnixSeconds, kind, causes, detail, rule }: Moment, startsAtUnixSeconds: number): string {
	const day = Math.floor((atUnixSeconds - startsAtUnixSeconds) / 86_400);
	const date = new Date(atUnixSeconds * 1000).toISOString().slice(0, 16).replace("T", " ");
	const why = causes.length > 0 ? ` (${causes.join(", ")})` : "";
	return `day ${String(day).padStart(4)}  ${date}Z  ${rule.padEnd(3)}  ${WORDS[kind]}${detail === "" ? "" : `: ${detail}`}${why}`;
}

const WORDS: Readonly<Record<MomentKind, string>> = {
	bound: "the contract was bound to the phone",
	confirmed: "the lender confirmed it",
	sealed: "USB debugging was switched off",
	unlocked: "paid, everything works",
	grace: "past due, everything works",
	limited: "limited",
	full: "fully locked",
	orderObeyed: "an order of the lender was obeyed",
	orderRefused: "an order was refused",
	noticeOnScreen: "a notice was seen",
	noticeAsNotification: "a notification was given",
	passTaken: "an emergency pass was taken",
	disputeOpened: "the borrower disputed",
	released: "free for ever",
	ownershipReturned: "the agent gave the phone back",
	codeAccepted: "a code was right",
	codesSignedOnly: "too many wrong codes",
	contactRestored: "the lender answered again",
	wrongfulMinutes: "minutes locked by mistake",
	keysTaken: "the lender changed its keys, version",
	other: "something else was decided",
};
