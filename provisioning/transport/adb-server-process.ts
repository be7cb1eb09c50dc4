import { spawn } from "node:child_process";
import { constants } from "node:fs";
import { access } from "node:fs/promises";
import { delimiter, join } from "node:path";

import { FaultError, faultError } from "../handset/fault.ts";
import { ADB_SERVER_HOST, ADB_SERVER_PORT, SmartSocket } from "./smart-socket.ts";

/** `host:tport` came with it (platform-tools 28.0.2, 2019). */
const MIN_VERSION = 41;
const DEADLINE_MS = 15_000;
const VERSION_DEADLINE_MS = 3_000;

const INSTALL_HINT: Partial<Record<NodeJS.Platform, string>> = {
	linux: "sudo apt install adb, or download the Android platform-tools",
	darwin: "brew install --cask android-platform-tools",
	win32: "winget install Google.PlatformTools",
};

export interface AdbServerProcessOptions {
	readonly host?: string;
	/** Program to start; found on PATH or in the Android SDK otherwise. */
	readonly adb?: string;
	/** For finding the program, and given to it. Default: this process's own. */
	readonly environment?: NodeJS.ProcessEnv;
	readonly deadlineMs?: number;
}

/**
 * Makes sure that an adb server listens: one that does is used as it is, otherwise `adb` is started on that port. It outlives
 * this process, as adb's own does.
 *
 * @throws {FaultError} ADB_SERVER_GONE: no adb program (with how to get it), one that does not start in time, a server that is too
 * old, or another program on the port.
 */
export async function ensureAdbServer(
	port: number = ADB_SERVER_PORT,
	{ host = ADB_SERVER_HOST, adb, environment = process.env, deadlineMs = DEADLINE_MS }: AdbServerProcessOptions = {},
): Promise<{ readonly version: number; readonly started: boolean }> {
	const running = await serverVersion(host, port);
	if (running !== undefined) return { version: atLeast(running, host, port), started: false };
	const program = adb ?? (await findAdb(environment));
	if (program === undefined) {
		const hint = INSTALL_HINT[process.platform] ?? "install the Android platform-tools";
		throw faultError("ADB_SERVER_GONE", { details: { problem: "there is no adb on this computer", install: hint } });
	}
	try {
		await start(program, port, environment, deadlineMs);
	} catch (error) {
		// Of several that start one at the same moment, all but one fail: theirs is ours as well.
		const theirs = await serverVersion(host, port);
		if (theirs === undefined) throw error;
		return { version: atLeast(theirs, host, port), started: false };
	}
	const version = await serverVersion(host, port);
	if (version !== undefined) return { version: atLeast(version, host, port), started: true };
	throw faultError("ADB_SERVER_GONE", {
		details: { problem: "adb was started and does not listen", program, port: String(port) },
	});
}

/** Finds the adb program: PATH first, as a person's shell would, then the Android SDK. */
export async function findAdb(environment: NodeJS.ProcessEnv): Promise<string | undefined> {
	const name = process.platform === "win32" ? "adb.exe" : "adb";
	const sdks = [environment.ANDROID_HOME, environment.ANDROID_SDK_ROOT].filter((folder) => folder !== undefined && folder !== "");
	const folders = [...(environment.PATH ?? "").split(delimiter), ...sdks.map((sdk) => join(sdk ?? "", "platform-tools"))];
	for (const folder of folders) {
		if (folder === "") continue;
		const path = join(folder, name);
		if (
			await access(path, constants.X_OK).then(
				() => true,
				() => false,
			)
		)
			return path;
	}
	return undefined;
}

/** Version of the server on a port; `undefined` if none listens. */
async function serverVersion(host: string, port: number): Promise<number | undefined> {
	let connection: SmartSocket | undefined;
	let give: () => void = () => {};
	const timer = setTimeout(() => give(), VERSION_DEADLINE_MS);
	try {
		connection = await SmartSocket.connect({ host, port }, (socket) => {
			give = () => socket.destroy();
		});
	} catch (error) {
		clearTimeout(timer);
		if (error instanceof FaultError) return undefined;
		throw error;
	}
	try {
		await connection.request("host:version");
		const version = Number.parseInt(await connection.readText(), 16);
		if (Number.isInteger(version)) return version;
		throw new Error("no version");
	} catch (cause) {
		throw faultError("ADB_SERVER_GONE", { details: { problem: `another program listens on port ${port}` } }, { cause });
	} finally {
		clearTimeout(timer);
		connection.close();
	}
}

function atLeast(version: number, host: string, port: number): number {
	if (version >= MIN_VERSION) return version;
	const problem = `the adb server at ${host}:${port} is of version ${version}, ${MIN_VERSION} is needed: stop it with adb kill-server`;
	throw faultError("ADB_SERVER_GONE", { details: { problem } });
}

function start(program: string, port: number, environment: NodeJS.ProcessEnv, deadlineMs: number): Promise<void> {
	return new Promise((resolve, reject) => {
		const failed = (problem: string, cause?: unknown) => {
			clearTimeout(timer);
			reject(faultError("ADB_SERVER_GONE", { details: { problem, program, port: String(port) } }, { cause }));
		};
		// No pipes: the server that it leaves behind would hold them open.
		const child = spawn(program, ["-P", String(port), "start-server"], { stdio: "ignore", env: environment, windowsHide: true });
		const timer = setTimeout(() => {
			child.kill("SIGKILL");
			failed(`adb start-server did not end within ${deadlineMs / 1000} s`);
		}, deadlineMs);
		child.once("error", (cause) => failed("adb cannot be started", cause));
		child.once("exit", (code, signal) => {
			clearTimeout(timer);
			if (code === 0) resolve();
			else failed(`adb start-server ended with ${code ?? signal}`);
		});
	});
}
