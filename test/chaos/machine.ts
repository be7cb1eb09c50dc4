import { type ChildProcess, spawn } from "node:child_process";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";

import type { Network } from "./network.ts";
import type { Place } from "./reference-setup.ts";

/** A program that a machine starts at boot, and again when it ends, as systemd does with `Restart=always`. */
export interface Service {
	/** Command and arguments; no word holds a quote. */
	readonly words: readonly string[];
	/** Account it runs as. Default: root. */
	readonly user?: string;
	/** What it prints goes to the end of this file. */
	readonly log: string;
}

/** A machine: processes in a network and a process namespace of their own. */
export interface Machine {
	readonly place: Place;
	start(): void;
	/** All its processes end at once, with SIGKILL. Settles when none is left. */
	kill(): Promise<void>;
	/** Sends a signal to its processes whose command line has all these words. @returns how many there were. */
	signal(signal: NodeJS.Signals, words: readonly string[]): number;
}

export function makeMachine(place: Place, services: readonly Service[], network: Network): Machine {
	let init: ChildProcess | undefined;
	const netId = network.idOf(place);

	function processes(): { pid: number; command: string }[] {
		return readdirSync("/proc").flatMap((entry) => {
			if (!/^\d+$/.test(entry)) return [];
			try {
				if (readlinkSync(`/proc/${entry}/ns/net`) !== netId) return [];
				return [{ pid: Number(entry), command: readFileSync(`/proc/${entry}/cmdline`, "latin1").replaceAll("\0", " ") }];
			} catch {
				return []; // it has ended meanwhile
			}
		});
	}

	return {
		place,
		start() {
			const script = services.map(({ words, user, log }) => {
				const account = user === undefined ? [] : ["setpriv", `--reuid=${user}`, `--regid=${user}`, "--init-groups"];
				const command = [...account, ...words].map((word) => `'${word}'`).join(" ");
				return `while :; do ${command}; sleep 1; done >>'${log}' 2>&1 </dev/null &`;
			});
			const [command = "", ...words] = network.inside(place);
			// Its first process is the namespace's init: when that ends, the kernel ends all others.
			init = spawn(
				command,
				[...words, "unshare", "--pid", "--fork", "--kill-child", "--mount-proc", "bash", "-c", `${script.join("\n")}\nwait`],
				{ stdio: "ignore", cwd: "/" },
			);
		},
		async kill() {
			init?.kill("SIGKILL");
			while (processes().length > 0) await pause(20);
		},
		signal(signal, words) {
			// Those that start the services have the services' words in their own.
			const services = processes().filter(({ command }) => !/^(?:bash|unshare|nsenter|setpriv) /.test(command));
			const found = services.filter(({ command }) => words.every((word) => command.includes(word)));
			for (const { pid } of found) process.kill(pid, signal);
			return found.length;
		},
	};
}
