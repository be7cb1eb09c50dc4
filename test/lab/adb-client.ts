import { execFile } from "node:child_process";
import { promisify } from "node:util";

import { ensureAdbServer } from "../../provisioning/transport/adb-server-process.ts";
import { listDevices } from "../../provisioning/transport/device-list.ts";

const run = promisify(execFile);
const DEADLINE_MS = 10_000;
/** How often the server is asked whether it still knows what is plugged into it. */
const LOOK_MS = 500;

/** An adb server that handsets are plugged into: the machine's own `adb` client talks to it. */
export interface AdbServer {
	/** Resolves when the server has dialled; whether the phone answers is another matter. */
	connect(serial: string): Promise<void>;
	disconnect(serial: string): Promise<void>;
	/** Forgets every handset, and ends the server if it was started here. */
	close(): Promise<void>;
}

/**
 * A server forgets handsets on the network when it dies, and some versions of it do die (`failed to unregister fd`). A phone on a
 * cable is found again by the next server, so what is plugged in here is dialled again, too.
 *
 * @param port of the adb server; one is started there when there is none.
 * @throws {Error} from the first call, when there is no `adb` here.
 */
export function adbServer(port: number): AdbServer {
	const plugged = new Set<string>();
	let started: Promise<boolean> | undefined;
	let looking: NodeJS.Timeout | undefined;
	const adb = (...words: string[]) =>
		run("adb", ["-P", String(port), ...words], { timeout: DEADLINE_MS }).catch((error: unknown) => {
			if (error instanceof Error && "code" in error && error.code === "ENOENT") {
				throw new Error("there is no adb on this machine (Debian: apt-get install adb)", { cause: error });
			}
			// An exit code: the phone is not there, or not any more, which is what labs are for.
		});
	const look = async () => {
		const known = await listDevices(port).catch(() => []);
		const lost = [...plugged].filter((serial) => !known.some((device) => device.serial === serial));
		for (const serial of lost) if (plugged.has(serial)) await adb("connect", serial);
	};
	const lookAgain = () => {
		looking = setTimeout(() => {
			look()
				.catch(() => {}) // said by whoever needs the handset
				.finally(() => {
					if (looking !== undefined) lookAgain();
				});
		}, LOOK_MS);
		looking.unref();
	};
	return {
		async connect(serial) {
			plugged.add(serial);
			started ??= ensureAdbServer(port).then((server) => {
				lookAgain();
				return server.started;
			});
			await started;
			await adb("connect", serial);
		},
		async disconnect(serial) {
			plugged.delete(serial);
			await adb("disconnect", serial);
		},
		async close() {
			plugged.clear();
			clearTimeout(looking);
			looking = undefined;
			if (await started?.catch(() => false)) await adb("kill-server");
		},
	};
}

/** Whether this machine has an adb client. */
export function adbIsHere(): Promise<boolean> {
	return run("adb", ["version"], { timeout: DEADLINE_MS }).then(
		() => true,
		() => false,
	);
}
