import { randomBytes } from "node:crypto";
import { lstatSync } from "node:fs";
import { link, mkdir, open, readFile, rename, rm } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";

import { type HardwareReport, makeHardwareReport } from "../procedure/hardware-report.ts";
import { createNodeCrypto } from "../registry/node-crypto.ts";
import type { CommandContext } from "./context.ts";
import { ExitCode } from "./exit-codes.ts";
import { chooseHandset, type HandsetFlags, openHandset } from "./handset-choice.ts";
import { UsageError } from "./usage-error.ts";
import { TOOL } from "./version.ts";

export interface HardwareReportFlags extends HandsetFlags {
	readonly hardwareReport?: string | boolean;
	readonly withIdentifiers?: boolean;
	readonly force?: boolean;
}

const SALT_BYTES = 32;

/** `holdfast doctor --hardware-report [FILE]`: everything of the hardware checklist that a command can tell, in one file to send back. */
export async function hardwareReport(context: CommandContext, flags: HardwareReportFlags): Promise<ExitCode> {
	const file = resolve(typeof flags.hardwareReport === "string" ? flags.hardwareReport : nameAt(context.clock.nowMs()));
	if (flags.force !== true && isThere(file)) throw new UsageError(`${file} is there already: name another, or say --force`);
	const choice = await chooseHandset(context, flags);
	if (!choice) throw new UsageError("there is no handset");
	const salt = await stationSalt(context.stateFolder);
	const port = await openHandset(context, flags, choice);
	let report: HardwareReport;
	const step = "report";
	const started = context.clock.nowMs();
	context.output.event({ type: "step-started", step, title: "Read what the checklist asks", index: 0, count: 1 });
	try {
		report = await makeHardwareReport({
			port,
			clock: context.clock,
			crypto: createNodeCrypto(),
			randomBytes: (length) => Uint8Array.from(randomBytes(length)),
			tool: TOOL,
			withIdentifiers: flags.withIdentifiers === true,
			salt,
			signal: context.signal,
			within: (milliseconds) => AbortSignal.any([context.signal, AbortSignal.timeout(milliseconds)]),
			onReading: (fraction) => context.output.event({ type: "step-progress", step, fraction }),
		});
	} finally {
		await port.close();
	}
	context.output.event({ type: "step-ended", step, end: "done", milliseconds: context.clock.nowMs() - started });
	await writeWhole(file, `${JSON.stringify(report, null, "\t")}\n`, flags.force === true);
	tell(context, report, file);
	return report.complete ? ExitCode.ok : ExitCode.partial;
}

function tell({ output }: CommandContext, report: HardwareReport, file: string): void {
	const { checklist, readings, contents, complete } = report;
	const of = (verdict: string) => checklist.filter((question) => question.verdict === verdict);
	const [known, unknown, person] = [of("known"), of("unknown"), of("needs a person")];
	const failed = readings.filter(({ outcome }) => outcome !== "read");
	const numbers = (questions: readonly { number: number }[]) => questions.map(({ number }) => number).join(", ") || "none";
	output.result(
		{
			ok: complete,
			file,
			identifiers: report.identifiers,
			contents,
			known: known.map(({ number, answer }) => ({ number, answer })),
			unknown: unknown.map(({ number }) => number),
			needsAPerson: person.map(({ number }) => number),
			failed: failed.map(({ name, outcome, why }) => ({ name, outcome, ...(why === undefined ? {} : { why }) })),
		},
		[
			...known.map(({ number, question, answer }) => `${String(number).padStart(3)}. ${question}\n       ${answer}`),
			"",
			`Not known from here: ${numbers(unknown)}`,
			`For a person with the phone (README, hardware checklist): ${numbers(person)}`,
			...failed.map(({ name, outcome, why }) => `Not read: ${name} (${outcome}${why === undefined ? "" : `: ${why}`})`),
			...(complete ? [] : ["The phone left before everything was read."]),
			"",
			...contents,
			`Written to ${file}. Read it before you send it.`,
		],
	);
}

function nameAt(nowMs: number): string {
	return `holdfast-hardware-${new Date(nowMs).toISOString().slice(0, 19).replaceAll(/[-:]/g, "").replace("T", "-")}.json`;
}

function isThere(path: string): boolean {
	return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}

/**
 * The secret that this station's tokens are made with: made once, kept, and never part of a report.
 */
async function stationSalt(stateFolder: string): Promise<Uint8Array> {
	const path = join(stateFolder, "report-salt");
	const read = () => readFile(path).catch(() => undefined);
	const before = await read();
	if (before?.length === SALT_BYTES) return Uint8Array.from(before);
	await mkdir(stateFolder, { recursive: true, mode: 0o700 });
	// Two at once: whoever links first has made it. A damaged one is replaced.
	if (before) await rm(path, { force: true });
	await writeWhole(path, randomBytes(SALT_BYTES), false).catch(() => {});
	const made = await read();
	if (made?.length !== SALT_BYTES) throw new UsageError(`${path} cannot be written`);
	return Uint8Array.from(made);
}

/** Writes a file as a whole or not at all, for its owner alone. */
async function writeWhole(path: string, content: string | Uint8Array, replace: boolean): Promise<void> {
	const folder = dirname(path);
	const draft = join(folder, `.${process.pid}-${randomBytes(6).toString("hex")}.draft`);
	const file = await open(draft, "wx", 0o600).catch((error: unknown) => {
		throw new UsageError(`nothing can be written into ${folder}: ${error instanceof Error ? error.message : String(error)}`);
	});
	try {
		await file.writeFile(content);
		await file.sync();
		await file.close();
		if (replace) await rename(draft, path);
		else await name(draft, path);
	} catch (error) {
		await file.close().catch(() => {}); // closed before, where only the name failed
		if (error instanceof Error && "code" in error && error.code === "EEXIST")
			throw new UsageError(`${path} is there already: name another, or say --force`);
		throw error;
	} finally {
		await rm(draft, { force: true });
	}
}

/** Gives a file its name if nothing has it. A stick that knows no links cannot promise that, and is looked at first. */
async function name(draft: string, path: string): Promise<void> {
	try {
		await link(draft, path);
	} catch (error) {
		const code = error instanceof Error && "code" in error ? error.code : undefined;
		if ((code !== "EPERM" && code !== "ENOTSUP") || isThere(path)) throw error;
		await rename(draft, path);
	}
}
