import { join, resolve } from "node:path";

import { type Command, InvalidArgumentError, Option } from "commander";

import { BackupError } from "../registry/backup/backup-error.ts";
import { readManifest, verifyBackup } from "../registry/backup/manifest.ts";
import { restoreBackup, settleDatabase } from "../registry/backup/restore-backup.ts";
import { type Settled, USUAL_PAUSE_HOURS } from "../registry/backup/settle-restore.ts";
import { takeBackup } from "../registry/backup/take-backup.ts";
import { startEmbeddedDatabase } from "../registry/database/embedded-database.ts";
import { openRoleSigners } from "../registry/keys/lender-keys.ts";
import { perform, withEndlessFlags } from "./command.ts";
import type { CommandContext } from "./context.ts";
import { ExitCode } from "./exit-codes.ts";
import { defaultDataFolder } from "./registry-access.ts";
import { askPassphrase } from "./secret-prompt.ts";
import { TOOL } from "./version.ts";

interface DatabaseFlags {
	readonly data?: string;
	readonly database?: string;
}

interface RestoreFlags extends DatabaseFlags {
	readonly keys?: string;
	readonly passphraseFile?: string;
	readonly insecureDev?: boolean;
	readonly pauseHours: number;
}

const MOST_PAUSE_HOURS = 30 * 24;

export function addBackup(program: Command): void {
	const backup = program.command("backup").description("copy the registry's database, and put a copy back");
	const create = backup
		.command("create")
		.argument("<folder>", "made anew; holds personal data and no keys")
		.description("copy every table as it stands at one moment, while the registry goes on");
	withDatabaseFlags(withEndlessFlags(create)).action(perform<DatabaseFlags>(createBackup));
	const verify = backup
		.command("verify")
		.argument("<folder>", "a backup")
		.description("read every byte of a backup and hold it against what it says of itself");
	withEndlessFlags(verify).action(perform<object>(verifyFolder));
	const restore = backup
		.command("restore")
		.argument("<folder>", "a backup")
		.description("put a backup into an empty database, and make it safe to go on from");
	withRestoreFlags(withEndlessFlags(restore)).action(perform<RestoreFlags>(restoreFolder));
	const settle = backup
		.command("settle")
		.description("make a database safe to go on from that PostgreSQL's own tools put back to an earlier moment");
	withRestoreFlags(withEndlessFlags(settle)).action(perform<RestoreFlags>(settleFolder));
}

function withDatabaseFlags(command: Command): Command {
	return command
		.option("--data <folder>", "the registry's data folder (default: the user's data folder)")
		.addOption(new Option("--database <url>", "any PostgreSQL instead of the own one").env("HOLDFAST_DATABASE"));
}

function withRestoreFlags(command: Command): Command {
	return withDatabaseFlags(command)
		.option("--keys <folder>", "the lender's keys that go with it (default: keys/ in the data folder)")
		.option("--passphrase-file <file>", "file that holds the keys' passphrase; without it the terminal asks")
		.option("--insecure-dev", "open unencrypted keys, for trying things out only")
		.option("--pause-hours <hours>", "let no new lock go out for so long", hours, USUAL_PAUSE_HOURS);
}

function hours(text: string): number {
	const value = Number(text);
	if (Number.isInteger(value) && value >= 0 && value <= MOST_PAUSE_HOURS) return value;
	throw new InvalidArgumentError(`whole hours, 0 to ${MOST_PAUSE_HOURS}`);
}

async function createBackup(context: CommandContext, flags: DatabaseFlags, [folder = ""]: readonly string[]): Promise<ExitCode> {
	return saying(async () => {
		const manifest = await withDatabase(context, flags, (connection) =>
			takeBackup({
				connection,
				folder: resolve(folder),
				nowMs: () => context.clock.nowMs(),
				tool: TOOL,
				signal: context.signal,
			}),
		);
		const { rows, bytes } = sumOf(manifest.tables);
		context.output.result({ ok: true, folder: resolve(folder), takenAtMs: manifest.takenAtMs, rows, bytes }, [
			`${rows} rows of ${manifest.tables.length} tables in ${resolve(folder)} (${bytes} bytes), as of ${new Date(manifest.takenAtMs).toISOString()}.`,
			"It holds personal data: encrypt it before it leaves this machine. It holds no keys: the key folder is copied by itself, to another place.",
		]);
		return ExitCode.ok;
	});
}

async function verifyFolder(context: CommandContext, _flags: object, [folder = ""]: readonly string[]): Promise<ExitCode> {
	return saying(async () => {
		const manifest = await readManifest(resolve(folder));
		await verifyBackup(resolve(folder), manifest, context.signal);
		const { rows } = sumOf(manifest.tables);
		context.output.result({ ok: true, takenAtMs: manifest.takenAtMs, tool: manifest.tool, rows }, [
			`Whole: ${rows} rows as of ${new Date(manifest.takenAtMs).toISOString()}, by ${manifest.tool}.`,
			"That it can be put back is shown only by putting it back: holdfast backup restore, into an empty data folder.",
		]);
		return ExitCode.ok;
	});
}

async function restoreFolder(context: CommandContext, flags: RestoreFlags, [folder = ""]: readonly string[]): Promise<ExitCode> {
	return saying(async () => {
		const keys = await openKeys(context, flags);
		const { manifest, settled } = await withDatabase(context, flags, (connection) =>
			restoreBackup(resolve(folder), { connection, keys, ...settling(context, flags) }),
		);
		report(context, settled, manifest.takenAtMs);
		return ExitCode.ok;
	});
}

async function settleFolder(context: CommandContext, flags: RestoreFlags): Promise<ExitCode> {
	return saying(async () => {
		const keys = await openKeys(context, flags);
		const settled = await withDatabase(context, flags, (connection) =>
			settleDatabase({ connection, keys, ...settling(context, flags) }),
		);
		report(context, settled, undefined);
		return ExitCode.ok;
	});
}

function settling({ clock, signal }: CommandContext, { pauseHours }: RestoreFlags) {
	return { now: Math.floor(clock.nowMs() / 1000), pauseHours, signal };
}

async function openKeys(context: CommandContext, flags: RestoreFlags) {
	const folder = flags.keys ?? join(flags.data ?? defaultDataFolder(context.environment), "keys");
	if (flags.insecureDev) return openRoleSigners(folder, { insecureDev: true });
	return openRoleSigners(folder, { passphrase: await askPassphrase(context, "Passphrase for the keys", flags.passphraseFile) });
}

/** The database that `holdfast serve` with the same flags works on. The own one is joined while a registry runs on it. */
async function withDatabase<Value>(
	{ environment }: CommandContext,
	{ data, database }: DatabaseFlags,
	work: (
		connection: { connectionString: string } | Awaited<ReturnType<typeof startEmbeddedDatabase>>["connection"],
	) => Promise<Value>,
): Promise<Value> {
	if (database !== undefined) return work({ connectionString: database });
	const embedded = await startEmbeddedDatabase({ dataFolder: resolve(data ?? defaultDataFolder(environment)) });
	try {
		return await work(embedded.connection);
	} finally {
		await embedded.close();
	}
}

function report({ output }: CommandContext, settled: Settled, takenAtMs: number | undefined): void {
	const { programs, ...counts } = settled;
	const since = takenAtMs === undefined ? "the moment that it went back to" : new Date(takenAtMs).toISOString();
	output.result({ ok: true, ...(takenAtMs === undefined ? {} : { takenAtMs }), ...counts, programs }, [
		`${settled.devices} phones: their next orders have numbers that no forgotten order has.`,
		`${settled.ordersDropped} waiting orders that tighten were dropped; ${settled.sessionsEnded} sessions, ${settled.approvalsVoided} approvals and ${settled.invitationsVoided} invitations ended; ${settled.casesExpired} service cases expired.`,
		`No new lock goes out before ${new Date(settled.locksPausedUntil * 1000).toISOString()}.`,
		`Now book all payments since ${since} again: what is booked already is left alone.`,
		...(programs.length === 0
			? []
			: [
					`These programs are let in again: ${programs.join(", ")}. Revoke any that was revoked since: holdfast account program revoke.`,
				]),
		"Contracts and phones since then are unknown here: enter them again, and confirm the phones from their stations' journals.",
	]);
}

function sumOf(tables: readonly { readonly rows: number; readonly bytes: number }[]) {
	return {
		rows: tables.reduce((sum, { rows }) => sum + rows, 0),
		bytes: tables.reduce((sum, { bytes }) => sum + bytes, 0),
	};
}

async function saying(work: () => Promise<ExitCode>): Promise<ExitCode> {
	try {
		return await work();
	} catch (error) {
		if (!(error instanceof BackupError)) throw error;
		process.stderr.write(`holdfast: ${error.code}: ${error.message}\n`);
		return ExitCode.refused;
	}
}
