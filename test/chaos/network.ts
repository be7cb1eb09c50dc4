import { execFileSync } from "node:child_process";
import { mkdirSync, statSync } from "node:fs";

import { type Place, sysctlConfig } from "./reference-setup.ts";

const BRIDGE = "bridge0";

/** Machines' networks, joined by a bridge, all inside the network namespace of this process. */
export interface Network {
	/** Puts a command into a machine's network: words before it. */
	inside(place: Place): string[];
	/** What `/proc/<pid>/ns/net` reads for processes of that machine. */
	idOf(place: Place): string;
	/** Pulls a machine's cable. Its packets and those for it are lost without a word. */
	unplug(place: Place): void;
	plugIn(place: Place): void;
	/** Loses all packets between two machines, in both directions. */
	cut(one: Place, other: Place): void;
	/** Loses what two machines send each other's TCP port, both ways. */
	cutPort(one: Place, other: Place, port: number): void;
	/** Plugs in and joins everything again. */
	mend(): void;
}

/**
 * Makes the networks. This process must be in a network and a mount namespace of its own: the host's network is not touched, and all
 * of it is gone with the last process.
 */
export function makeNetwork(places: readonly Place[], ownAddress: string): Network {
	if (process.pid !== 1) throw new Error("this is not the first process of a namespace of its own: start scripts/chaos");
	mkdirSync("/run/netns", { recursive: true });
	run("mount", "-t", "tmpfs", "none", "/run/netns");
	run("ip", "link", "set", "lo", "up");
	run("ip", "link", "add", BRIDGE, "type", "bridge");
	run("ip", "link", "set", BRIDGE, "up");
	run("ip", "address", "add", `${ownAddress}/24`, "dev", BRIDGE);
	for (const { name, address } of places) {
		run("ip", "netns", "add", name);
		run("ip", "link", "add", name, "type", "veth", "peer", "name", "eth0", "netns", name);
		run("ip", "link", "set", name, "master", BRIDGE, "up");
		run("ip", "-n", name, "address", "add", `${address}/24`, "dev", "eth0");
		run("ip", "-n", name, "link", "set", "eth0", "up");
		run("ip", "-n", name, "link", "set", "lo", "up");
	}
	const inside = ({ name }: Place) => ["nsenter", `--net=/run/netns/${name}`];
	for (const place of places)
		for (const [, setting = "", value = ""] of sysctlConfig().matchAll(/^(net\.\S+) = (\d+)$/gm))
			run(...inside(place), "sh", "-c", `echo ${value} >/proc/sys/${setting.replaceAll(".", "/")}`);
	return {
		inside,
		idOf: ({ name }) => `net:[${statSync(`/run/netns/${name}`).ino}]`,
		unplug: ({ name }) => run("ip", "link", "set", name, "down"),
		plugIn: ({ name }) => run("ip", "link", "set", name, "up"),
		cut(one, other) {
			for (const [at, peer] of [
				[one, other],
				[other, one],
			] as const)
				run(...inside(at), "iptables", "-A", "INPUT", "-s", peer.address, "-j", "DROP");
		},
		cutPort(one, other, port) {
			for (const [at, peer] of [
				[one, other],
				[other, one],
			] as const)
				for (const end of ["--sport", "--dport"])
					run(...inside(at), "iptables", "-A", "INPUT", "-s", peer.address, "-p", "tcp", end, String(port), "-j", "DROP");
		},
		mend() {
			for (const place of places) {
				run("ip", "link", "set", place.name, "up");
				run(...inside(place), "iptables", "-F", "INPUT");
			}
		},
	};
}

function run(command = "", ...words: string[]): void {
	execFileSync(command, words, { stdio: ["ignore", "ignore", "pipe"], timeout: 10_000 });
}
