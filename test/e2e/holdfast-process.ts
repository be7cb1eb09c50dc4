import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

const COMMAND = fileURLToPath(new URL("../../scripts/holdfast", import.meta.url));
const KILL_AFTER_MS = 3000;

export interface CommandEnd {
	/** Exit code; null when a signal ended it. */
	readonly code: number | null;
	readonly stdout: string;
	readonly stderr: string;
}

export interface CommandOptions {
	readonly env: Readonly<Record<string, string>>;
	readonly deadlineMs?: number;
	/** Each line that the command says on standard error, as it says it. */
	readonly onLine?: (line: string) => void;
}

/** A running command line. */
export interface RunningCommand {
	readonly pid: number;
	readonly ended: Promise<CommandEnd>;
	/** The first line of standard output: what a server says when it is ready. Rejects if it ends without one. */
	readonly firstLine: Promise<string>;
	/** What it printed on standard output until now. */
	stdoutSoFar(): string;
	kill(signal: "SIGKILL" | "SIGTERM" | "SIGINT"): void;
}

/** Starts `holdfast` as its users do: as a process of its own. */
export function startHoldfast(args: readonly string[], { env, deadlineMs = 120_000, onLine }: CommandOptions): RunningCommand {
	const child = spawn(process.execPath, [COMMAND, ...args], {
		env: { ...process.env, ...env },
		stdio: ["ignore", "pipe", "pipe"],
	});
	let stdout = "";
	let stderr = "";
	let unfinished = "";
	const timer = setTimeout(() => {
		child.kill("SIGTERM");
		setTimeout(() => child.kill("SIGKILL"), KILL_AFTER_MS).unref();
	}, deadlineMs);
	const ended = new Promise<CommandEnd>((resolve, reject) => {
		child.on("error", reject);
		child.on("close", (code) => {
			clearTimeout(timer);
			resolve({ code, stdout, stderr });
		});
	});
	const firstLine = new Promise<string>((resolve, reject) => {
		child.stdout.setEncoding("utf8").on("data", (text: string) => {
			stdout += text;
			if (stdout.includes("\n")) resolve(stdout.slice(0, stdout.indexOf("\n")));
		});
		ended.then(() => reject(new Error(`holdfast ${args.join(" ")} ended without a line: ${stderr}`)), reject);
	});
	firstLine.catch(() => {}); // only servers are asked for it
	child.stderr.setEncoding("utf8").on("data", (text: string) => {
		stderr += text;
		const lines = (unfinished + text).split("\n");
		unfinished = lines.pop() ?? "";
		for (const line of lines) onLine?.(line);
	});
	return {
		pid: child.pid ?? -1,
		ended,
		firstLine,
		stdoutSoFar: () => stdout,
		kill: (signal) => void child.kill(signal),
	};
}

/** Runs `holdfast ... --json` to its end and gives its document. */
export async function holdfastJson(
	args: readonly string[],
	options: CommandOptions,
): Promise<CommandEnd & { document: Readonly<Record<string, unknown>> }> {
	const end = await startHoldfast([...args, "--json", "--no-input"], options).ended;
	let document: unknown;
	try {
		document = JSON.parse(end.stdout);
	} catch {
		throw new Error(`holdfast ${args.join(" ")} (exit ${end.code}) printed no document: ${end.stdout}\n${end.stderr}`);
	}
	if (typeof document !== "object" || document === null) throw new Error("the document is not an object");
	return { ...end, document: { ...document } };
}
