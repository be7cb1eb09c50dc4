import { open } from "node:fs/promises";

import { type Command, InvalidArgumentError } from "commander";

import { fromHex } from "../../proto/crypto.ts";
import { MAX_RECORD_FILE_BYTES } from "../../proto/record-file.ts";
import { auditRecord } from "../audit/audit-record.ts";
import type { AuditReport, Finding, JudgedDecision } from "../audit/report.ts";
import { standingName } from "../audit/words.ts";
import { createNodeCrypto } from "../registry/node-crypto.ts";
import { perform, withCommonFlags } from "./command.ts";
import type { CommandContext } from "./context.ts";
import { ExitCode } from "./exit-codes.ts";
import type { Output } from "./output.ts";
import { UsageError } from "./usage-error.ts";

interface VerifyFlags {
	readonly deviceKey?: Uint8Array;
	readonly explain?: boolean;
}

type Judged = Extract<AuditReport, { decisions: unknown }>;

export function addAudit(program: Command): void {
	const audit = program.command("audit").description("check what phones did");
	const verify = audit
		.command("verify")
		.argument("<file>", "a record that was taken from a phone")
		.description("check a borrower's record: its chain, every signature, and that each lock kept to the borrower's floor")
		.option("--device-key <hex>", "the phone's device key as in its receipt: 65 bytes", pointOf)
		.option("--explain", "say under each finding which promise it is about");
	withCommonFlags(verify).action(perform<VerifyFlags>(verifyRecord));
}

async function verifyRecord({ output }: CommandContext, flags: VerifyFlags, [path = ""]: readonly string[]): Promise<ExitCode> {
	const bytes = await readBounded(path);
	const crypto = createNodeCrypto();
	const report = auditRecord({ crypto, ...(flags.deviceKey ? { devicePublicKey: flags.deviceKey } : {}) }, bytes);
	if (!("decisions" in report)) {
		output.result({ ok: false, ...report }, []);
		output.note(`holdfast: ${report.verdict}: ${report.problem}`);
		return report.verdict === "other phone" ? ExitCode.identity : ExitCode.failed;
	}
	output.result(dataOf(report), linesOf(report, flags.explain === true));
	tellWhoseKey(output, report, flags.deviceKey !== undefined);
	return { ok: ExitCode.ok, partly: ExitCode.partial, broken: ExitCode.refused }[report.verdict];
}

/** The file, or as much of it as shows that it is too large: whoever hands it over may hand over anything. */
async function readBounded(path: string): Promise<Uint8Array> {
	const file = await open(path, "r").catch((error: unknown) => {
		throw new UsageError(`${path} cannot be opened: ${error instanceof Error ? error.message : String(error)}`);
	});
	try {
		if (!(await file.stat()).isFile()) throw new UsageError(`${path} is not a file`);
		const buffer = Buffer.alloc(Math.min((await file.stat()).size, MAX_RECORD_FILE_BYTES + 1));
		let length = 0;
		for (;;) {
			const { bytesRead } = await file.read(buffer, length, buffer.length - length, length);
			if (bytesRead === 0) break;
			length += bytesRead;
		}
		return Uint8Array.from(buffer.subarray(0, length));
	} finally {
		await file.close();
	}
}

function tellWhoseKey(output: Output, { owner }: Judged, isGiven: boolean): void {
	if (!isGiven)
		output.note(`The device key ${owner.deviceKeyId} is the file's own word: compare it with the receipt at the lender.`);
	if (owner.firstKeySetSha256 !== "")
		output.note(
			`The lender's first keys, ${owner.firstKeySetSha256.slice(0, 16)}..., are trusted on first use, as on the phone.`,
		);
}

function linesOf(report: Judged, explain: boolean): string[] {
	const { owner, totals, decisions, findings, beginsAfter } = report;
	const what = (finding: Finding) => {
		const mark = finding.severity === "broken" ? `BROKEN ${finding.rule}` : `not known (${finding.rule})`;
		return `${mark}: ${finding.what}${explain && PROMISES[finding.rule] ? `\n      ${finding.rule}: ${PROMISES[finding.rule]}` : ""}`;
	};
	return [
		`Contract ${owner.contractId} with ${owner.lenderName}, account ${owner.accountShown}, rules of ${owner.jurisdiction}`,
		...(beginsAfter > 0
			? [`Begins after decision ${beginsAfter}, at a checkpoint that the phone signed; earlier ones were dropped.`]
			: []),
		"",
		...decisions.flatMap((judged) => [lineOf(judged), ...judged.findings.map((finding) => `      ${what(finding)}`)]),
		"",
		...findings.map(what),
		`${totals.decisions} decisions; ${totals.locks} locks, ${totals.minutesLocked} minutes locked; wrongful minutes: ` +
			`${totals.wrongfulMinutesRecorded} by the phone's count, ${totals.wrongfulMinutesRecomputed} by this one`,
		`${totals.noticesOnScreen} notices on the screen, ${totals.passes} passes, ${totals.disputes} disputes, ` +
			`${totals.ordersAccepted} orders obeyed, ${totals.ordersRefused} refused`,
		VERDICTS[report.verdict],
	];
}

const VERDICTS: Readonly<Record<Judged["verdict"], string>> = {
	ok: "OK: whole, signed, and every lock kept to the borrower's floor.",
	partly: "OK as far as this file goes; some of it rests on decisions from before it begins.",
	broken: "NOT OK: see above.",
};

function lineOf({ decision, words, findings }: JudgedDecision): string {
	const at = decision.atUnixSeconds === 0 ? "time not known   " : dateOf(decision.atUnixSeconds);
	const isBroken = findings.some(({ severity }) => severity === "broken");
	const mark = isBroken ? "!!" : findings.length > 0 ? "? " : "ok";
	return `${String(decision.number).padStart(5)}  ${mark}  ${at}  ${standingName(decision.standing).padEnd(15)}  ${words}`;
}

/** A date that a person reads. Years that no calendar has come from files, too. */
function dateOf(unixSeconds: number): string {
	const date = new Date(unixSeconds * 1000);
	return Number.isNaN(date.getTime()) ? `second ${unixSeconds}` : `${date.toISOString().slice(0, 16).replace("T", " ")}Z`;
}

function dataOf(report: Judged): Record<string, unknown> {
	const { decisions, ...rest } = report;
	return {
		ok: report.verdict === "ok",
		...rest,
		decisions: decisions.map(({ decision, words, findings }) => ({
			number: decision.number,
			atUnixSeconds: decision.atUnixSeconds,
			atPoweredOnSeconds: decision.atPoweredOnSeconds,
			standing: standingName(decision.standing),
			words,
			ok: findings.length === 0,
			findings,
		})),
	};
}

function pointOf(text: string): Uint8Array {
	const point = fromHex(text);
	if (point?.length !== 65 || point[0] !== 4) throw new InvalidArgumentError("65 bytes in hex, beginning with 04");
	return point;
}

/** The promises that a record can show to be kept, in a line each. */
const PROMISES: Readonly<Record<string, string>> = {
	F3: "no lock before the grace is over and enough notices were shown, far enough apart, by enough channels",
	F4: "one level up at a time, each after its time, never above what terms and place allow; down in one step",
	F5: "no lock for lost contact before the budget is spent and the warning was shown; none soon after the phone lost its memory",
	F6: "a payment opens the phone, and minutes that were locked wrongly are counted",
	F7: "a phone that was freed stays free",
	F10: "no lock without a contract that was agreed to and confirmed; harder terms only with new consent",
	F11: "a lock says why",
	F12: "everything that was decided is written down, in order, and signed",
	F13: "disputes, promises to pay and emergency passes hold locks off",
	F14: "no new lock in quiet hours or in a disaster",
	F15: "only this lender's keys, for this phone and this contract, each order once",
	F16: "a phone whose lender is gone frees itself",
};
