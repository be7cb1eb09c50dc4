import { type ChildProcess, spawn } from "node:child_process";
import {
	chmodSync,
	closeSync,
	copyFileSync,
	existsSync,
	mkdirSync,
	openSync,
	readFileSync,
	symlinkSync,
	writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import type { AdbdLink } from "../adbd-link.ts";
import type { Handset } from "../handset.ts";
import { COMMANDS } from "../userland/commands.ts";
import type { RealAdbd } from "./prepare.ts";

const START_DEADLINE_MS = 10_000;
const POLL_MS = 4;

/** Makes `/system/bin`: the phone's commands, every one a link to the same small program, and its shell. */
export function makeTools(folder: string): void {
	mkdirSync(folder, { recursive: true });
	const program = join(folder, "phone-command");
	copyFileSync(fileURLToPath(new URL("phone-command.pl", import.meta.url)), program);
	chmodSync(program, 0o755);
	for (const name of Object.keys(COMMANDS)) if (!existsSync(join(folder, name))) symlinkSync("phone-command", join(folder, name));
	if (!existsSync(join(folder, "sh"))) symlinkSync("/bin/sh", join(folder, "sh"));
}

export interface RealAdbdOptions {
	readonly adbd: RealAdbd;
	readonly phone: Handset;
	/** The handset's folder: holds `data` and `sdcard`. */
	readonly folder: string;
	/** The folder of {@link makeTools}. */
	readonly tools: string;
	/** Folder for the socket `commands`, short enough for a socket address. */
	readonly sockets: string;
	/** Resolves when that socket answers. */
	readonly ready: Promise<void>;
	readonly port: number;
}

/**
 * A real adbd in namespaces of its own. It dies with this process however that ends: the kernel kills the first process when
 * its parent is gone (PR_SET_PDEATHSIG), and with the first process of a pid namespace everything in it.
 */
export function realAdbd({ adbd, phone, folder, tools, sockets, ready, port }: RealAdbdOptions): AdbdLink {
	let child: ChildProcess | undefined;
	let inner: number | undefined;
	const kill = (signal: "SIGKILL" | "SIGSTOP" | "SIGCONT") => {
		if (inner === undefined) return;
		try {
			process.kill(inner, signal);
		} catch {
			// gone already
		}
	};
	const stop = async () => {
		const ending = child;
		child = undefined;
		if (!ending || ending.exitCode !== null || ending.signalCode !== null) return;
		const ended = new Promise<void>((resolve) => ending.once("exit", () => resolve()));
		if (inner === undefined) ending.kill("SIGKILL");
		else kill("SIGKILL"); // of the namespace's first process: ends them all, then `unshare` itself
		inner = undefined;
		await ended;
	};
	return {
		port,
		get pid() {
			return inner;
		},
		async start() {
			await stop();
			await ready;
			const root = join(folder, "root");
			mkdirSync(root, { recursive: true });
			writeFileSync(join(folder, "boot_id"), `${phone.state.bootId}\n`);
			const log = openSync(join(folder, "adbd.log"), "w");
			const script = fileURLToPath(new URL("phone-root.sh", import.meta.url));
			const words = ["sh", script, root, folder, tools, sockets, adbd.folder, String(port), adbd.loader];
			const unshare = ["unshare", "-Urmp", "--fork", "--kill-child=KILL", ...words];
			const started = spawn("setpriv", ["--pdeathsig", "KILL", ...unshare], {
				stdio: ["ignore", log, log],
			});
			closeSync(log);
			child = started;
			const failure = await listening(started, port);
			if (failure !== undefined) {
				await stop();
				const said = readFileSync(join(folder, "adbd.log"), "utf8").trim().split("\n").at(-1);
				throw new Error(`adbd of ${phone.state.serial} on port ${port}: ${failure}${said ? ` (${said})` : ""}`);
			}
			inner = firstChild(started.pid);
		},
		stop,
		freeze: () => kill("SIGSTOP"),
		thaw: () => kill("SIGCONT"),
	};
}

/** Waits without connecting: adbd would take a connection for a host. @returns why it does not listen. */
async function listening(started: ChildProcess, port: number): Promise<string | undefined> {
	let failed: string | undefined;
	started.once("error", (error) => {
		failed = error.message;
	});
	started.once("exit", (code, signal) => {
		failed = `ended with ${code ?? signal}`;
	});
	const deadline = Date.now() + START_DEADLINE_MS;
	while (failed === undefined && Date.now() < deadline) {
		if (isListening(port)) return undefined;
		await new Promise((resolve) => setTimeout(resolve, POLL_MS));
	}
	return failed ?? `does not listen after ${START_DEADLINE_MS / 1000} s`;
}

/** Whether anybody listens (state 0A) on a port, by the kernel's own tables. */
function isListening(port: number): boolean {
	const wanted = new RegExp(`:${port.toString(16).toUpperCase().padStart(4, "0")} [0:]+ 0A `);
	return ["/proc/net/tcp6", "/proc/net/tcp"].some((table) => existsSync(table) && wanted.test(readFileSync(table, "latin1")));
}

function firstChild(pid: number | undefined): number | undefined {
	const first = readFileSync(`/proc/${pid}/task/${pid}/children`, "latin1").split(" ")[0];
	return first ? Number(first) : undefined;
}
