import type { HandsetFacts } from "../handset/facts.ts";
import { readFacts } from "../handset/facts.ts";
import { AGENT_PACKAGE } from "../handset/packages.ts";
import type { HandsetPort } from "../handset/port.ts";

/**
 * What a phone is like, in words, without anything personal: taken before and after a release, so that nobody can say that the
 * release did something else. `undefined`: the phone did not tell.
 */
export interface Health {
	readonly identity: string;
	readonly system: string | undefined;
	readonly patch: string | undefined;
	readonly bootloader: string;
	readonly bootState: string;
	readonly users: string | undefined;
	/** How many, of each kind. */
	readonly accounts: string | undefined;
	readonly boots: string | undefined;
	readonly battery: string | undefined;
	readonly storage: string | undefined;
	/** Package names, sorted. */
	readonly apps: readonly string[] | undefined;
}

export type HealthName = keyof Health;

/** `moves`: it always does, such as the battery. `agent`: nothing but our own agent went. */
export interface HealthLine {
	readonly name: HealthName;
	readonly verdict: "same" | "moves" | "agent" | "changed" | "unknown";
	readonly before: string;
	readonly after: string;
}

const MAX_APPS = 2000;
const MAX_LISTED = 5;
const NAMES: readonly HealthName[] = [
	"identity",
	"system",
	"patch",
	"bootloader",
	"bootState",
	"users",
	"accounts",
	"apps",
	"boots",
	"battery",
	"storage",
];
const MOVES: readonly HealthName[] = ["battery", "storage"];

/** Reads it anew. @throws {FaultError} the link's. */
export async function readHealth(port: HandsetPort, known?: HandsetFacts): Promise<Health> {
	const facts = known ?? (await readFacts(port));
	const { stdout, exitCode } = await port.shell(["pm", "list", "packages", "--user", "0"]);
	const apps = exitCode === 0 ? appsIn(stdout) : [];
	const { build, imei, users, accounts, boot, battery, storage } = facts;
	return {
		identity: [facts.model, facts.serial, imei.imei1, imei.imei2].filter(Boolean).join(", "),
		system:
			[build.system, build.android && `Android ${build.android}`, build.incremental].filter(Boolean).join(", ") || undefined,
		patch: build.patch,
		bootloader: build.bootloader,
		bootState: build.bootState,
		users: users?.map(({ id }) => id).join(", "),
		accounts: accounts?.map(({ user, count }) => `${user}: ${count}`).join(", "),
		boots: boot.count === undefined ? boot.id : String(boot.count),
		battery: battery.percent === undefined ? undefined : `${battery.percent} %`,
		storage: storage.freeBytes === undefined ? undefined : `${Math.round(storage.freeBytes / 1e6)} MB`,
		apps: apps.length > 0 ? apps : undefined,
	};
}

function appsIn(text: string): string[] {
	return [...text.matchAll(/^package:([\w.]{1,200})\s*$/gm)]
		.slice(0, MAX_APPS)
		.map(([, name = ""]) => name)
		.sort();
}

/** Line by line. Whatever could not be read is said to be unknown, never the same. */
export function compareHealth(before: Health, after: Health): readonly HealthLine[] {
	return NAMES.map((name) => {
		if (name === "apps") return compareApps(before.apps, after.apps);
		const [was, is] = [before[name], after[name]];
		const line = { name, before: was ?? "?", after: is ?? "?" };
		if (was === undefined || is === undefined) return { ...line, verdict: "unknown" };
		return { ...line, verdict: MOVES.includes(name) ? "moves" : was === is ? "same" : "changed" };
	});
}

function compareApps(before: Health["apps"], after: Health["apps"]): HealthLine {
	const count = (apps: Health["apps"]) => (apps === undefined ? "?" : String(apps.length));
	const line = { name: "apps" as const, before: count(before), after: count(after) };
	if (!before || !after) return { ...line, verdict: "unknown" };
	const gone = before.filter((name) => !after.includes(name));
	const added = after.filter((name) => !before.includes(name));
	if (gone.length === 0 && added.length === 0) return { ...line, verdict: "same" };
	if (added.length === 0 && gone.join() === AGENT_PACKAGE) return { ...line, verdict: "agent" };
	const listed = [...gone.map((name) => `-${name}`), ...added.map((name) => `+${name}`)];
	return { ...line, after: `${line.after} (${listed.slice(0, MAX_LISTED).join(", ")})`, verdict: "changed" };
}
