import { builtinModules } from "node:module";
import { posix } from "node:path";

import { importsOf } from "./imports.ts";
import type { SourceTree } from "./source-tree.ts";

/** The transports that a browser has. Everything else of that room is for Node. */
export const BROWSER_TRANSPORTS = ["provisioning/transport/web-usb.ts", "provisioning/transport/web-usb-key-store.ts"] as const;

/**
 * What each room may import besides itself. A target is a room, or a file of a room where only that file is meant. Rooms that
 * are not listed, such as scripts, may import what they like, but for {@link NEVER_IMPORTED}.
 */
const ARROWS: Readonly<Record<string, readonly string[]>> = {
	proto: [],
	"agent/policy": ["proto"],
	"agent/daemon": ["agent/policy", "proto"],
	"agent/hosts/node": ["agent/daemon", "agent/policy", "proto"],
	"agent/hosts/engine": ["agent/daemon", "agent/policy", "proto"],
	"agent/hosts/android": ["agent/daemon", "agent/policy", "proto"],
	"provisioning/handset": ["proto"],
	"provisioning/transport": ["provisioning/handset", "proto"],
	"provisioning/procedure": ["provisioning/handset", "proto"],
	// Shares no line with the agent that it checks.
	"provisioning/audit": ["proto"],
	// Runs the agent as a built script that it is handed, and shares no line with it either.
	"provisioning/simulation": ["proto"],
	"provisioning/registry": [
		"provisioning/handset/fault.ts",
		"provisioning/handset/fault-codes.ts",
		"provisioning/handset/fault-catalogue.ts",
		"provisioning/procedure/registry-port.ts",
		"proto",
	],
	// Work without the registry: for stations and desks.
	"provisioning/vouchers": ["provisioning/procedure", "provisioning/handset", "provisioning/registry", "proto"],
	"provisioning/station": [
		"provisioning/vouchers",
		"provisioning/procedure",
		"provisioning/handset",
		"provisioning/transport",
		"provisioning/registry",
		"proto",
	],
	"provisioning/web": [
		"provisioning/vouchers",
		"provisioning/procedure",
		"provisioning/handset",
		...BROWSER_TRANSPORTS,
		"provisioning/registry",
		// What crosses the wire between a station and its page, and nothing of how it works.
		"provisioning/station/view.ts",
		"provisioning/station/view-change.ts",
		"provisioning/station/command.ts",
		"provisioning/station/journal/entry.ts",
		"provisioning/station/journal/batch-state.ts",
		"provisioning/simulation",
		"proto",
	],
	// `holdfast station` runs the station; nothing else may.
	"provisioning/cli": [
		"provisioning/procedure",
		"provisioning/handset",
		"provisioning/transport",
		"provisioning/registry",
		"provisioning/station",
		"provisioning/audit",
		"provisioning/simulation",
		"proto",
	],
};

/** What only tests and the virtual handsets may import. */
const NEVER_IMPORTED = ["provisioning/cli", "provisioning/web"];

/** `holdfast sim` opens the virtual handsets: the one way from the product into the tests, and only when it is asked for. */
const SIMULATOR = { from: "provisioning/cli", to: "test/lab" };

/** The words of a page, in a file for each language: the only files of ours that are imported and hold no code. */
const WORDS = { room: "provisioning/web", path: /^provisioning\/web\/[a-z-]+\/languages\/[a-z-]+\.json$/ };

/** Rooms that run unchanged in Node, Chromium and QuickJS. */
export const PORTABLE_ROOMS = [
	"proto",
	"agent/policy",
	"agent/daemon",
	"agent/hosts/engine",
	"provisioning/handset",
	"provisioning/procedure",
	"provisioning/audit",
	"provisioning/simulation",
] as const;

/** The room of a path: the longest of the known ones, else its first folder. */
export function roomOf(path: string): string {
	const known = [...Object.keys(ARROWS), "test/lab"].filter((room) => path.startsWith(`${room}/`));
	return known.sort((a, b) => b.length - a.length)[0] ?? path.split("/")[0] ?? path;
}

/** Imports that go against an arrow, or name a module that the room may not use. Empty when the house is in order. */
export function arrowViolations(tree: SourceTree): string[] {
	const manifest = JSON.parse(tree.get("package.json") ?? "{}") as { dependencies?: Record<string, string> }; // our own file
	const shipped = Object.keys(manifest.dependencies ?? {});
	const violations: string[] = [];
	for (const [path, text] of tree) {
		if (!/\.tsx?$/.test(path) || path.endsWith(".d.ts")) continue;
		for (const { specifier, isDynamic } of importsOf(text)) {
			const why =
				specifier === undefined
					? computedProblem(path)
					: specifier.startsWith(".")
						? relativeProblem(path, specifier, isDynamic)
						: packageProblem(path, specifier, shipped);
			if (why) violations.push(`${path}: ${specifier ?? "import(...)"}: ${why}`);
		}
	}
	return violations;
}

function isTest(path: string): boolean {
	return path.startsWith("test/");
}

function computedProblem(path: string): string | undefined {
	return isTest(path) ? undefined : "a computed import cannot be held to the arrows";
}

function relativeProblem(path: string, specifier: string, isDynamic: boolean): string | undefined {
	const target = posix.join(posix.dirname(path), specifier);
	if (target.startsWith("../")) return "outside the repository";
	if (target.startsWith("proto/generated/")) {
		return path === "proto/wire.ts" ? undefined : "generated messages are imported from proto/wire.ts";
	}
	const isWords = roomOf(path) === WORDS.room && WORDS.path.test(target);
	if (!/\.tsx?$/.test(target) && !isWords) return "a path of ours ends in .ts or .tsx";
	const [from, to] = [roomOf(path), roomOf(target)];
	if (from === to || isTest(path)) return undefined;
	if (to === "test" || to === SIMULATOR.to) {
		if (from === "scripts") return undefined;
		if (from === SIMULATOR.from && to === SIMULATOR.to)
			return isDynamic ? undefined : "test/lab is loaded only when it is asked for";
		return "the product does not import its tests";
	}
	if (NEVER_IMPORTED.includes(to)) return `nothing imports ${to}`;
	const allowed = ARROWS[from];
	if (!allowed || allowed.includes(to) || allowed.includes(target)) return undefined;
	return `${from} may not import ${to}`;
}

function packageProblem(path: string, specifier: string, shipped: readonly string[]): string | undefined {
	const isBuiltin = specifier.startsWith("node:") || builtinModules.includes(specifier.split("/")[0] ?? specifier);
	if (isBuiltin) {
		if (!specifier.startsWith("node:")) return "a Node module is named node:";
		return PORTABLE_ROOMS.some((room) => roomOf(path) === room) ? "a portable room uses no Node module" : undefined;
	}
	const name = specifier
		.split("/")
		.slice(0, specifier.startsWith("@") ? 2 : 1)
		.join("/");
	const isShipped = Object.hasOwn(ARROWS, roomOf(path));
	return isShipped && !shipped.includes(name) ? "what ships imports only dependencies, not devDependencies" : undefined;
}
