import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);
const DEADLINE_MS = 10_000;

/** An adb server that handsets are plugged into: the machine's own `adb` client talks to it. */
export interface AdbServer {
	/** Resolves when the server has dialled; whether the phone answers is another matter. */
	connect(serial: string): Promise<void>;
	disconnect(serial: string): Promise<void>;
}

/**
 * @param port of the adb server; one is started there when there is none.
 * @throws {Error} from the first call, when there is no `adb` here.
 */
export function adbServer(port: number): AdbServer {
	const adb = (...words: string[]) =>
		run("adb", ["-P", String(port), ...words], { timeout: DEADLINE_MS }).catch((error: unknown) => {
			if (error instanceof Error && "code" in error && error.code === "ENOENT") {
				throw new Error("there is no adb on this machine (Debian: apt-get install adb)", { cause: error });
			}
			// An exit code: the phone is not there, or not any more, which is what labs are for.
		});
	return {
		connect: (serial) => adb("connect", serial).then(() => {}),
		disconnect: (serial) => adb("disconnect", serial).then(() => {}),
	};
}

/** Whether this machine has an adb client. */
export function adbIsHere(): Promise<boolean> {
	return run("adb", ["version"], { timeout: DEADLINE_MS }).then(
		() => true,
		() => false,
	);
}
