import { randomUUID } from "node:crypto";

import { AGENT_ADMIN, AGENT_PACKAGE, CABLE_PROVIDER } from "../../proto/android-agent.ts";
import { type ApkReader, apkReader } from "./apk-reader.ts";
import type { HandsetState, InstalledPackage, ScriptedEvent } from "./handset-state.ts";
import type { PhoneFiles } from "./phone-files.ts";

export { AGENT_ADMIN, AGENT_PACKAGE };
export const AGENT_AUTHORITY = CABLE_PROVIDER.authority;

/** What happens to a handset from within, and what those who run it must do about it. */
export interface HandsetWatcher {
	/** The cable was pulled, adbd hangs, or the phone restarts. */
	onPhysical(what: "unplug" | "freeze" | "reboot"): void;
	/** A package came, went or was replaced. */
	onPackage(packageName: string): void;
	/** USB debugging was closed or opened by the agent. */
	onDebugging(open: boolean): void;
}

/** Where a handset's state comes from and goes to. */
export interface HandsetMemory {
	load(): HandsetState;
	save(state: HandsetState): void;
}

/** A message in the shade. */
export interface ShownNotification {
	readonly tag: string;
	readonly title: string;
	readonly text: string;
}

/**
 * The phone itself: its state, what it remembers, and what a command can do to it. State is replaced as a whole and saved
 * before anybody can see it, so a lab that is killed finds the phone as it was.
 */
export class Handset {
	/** Set by whoever runs the handset. */
	watcher: HandsetWatcher | undefined;
	/** Answers the cable of the agent, when it runs. */
	cable: ((request: Uint8Array) => Promise<Uint8Array>) | undefined;
	/** Lines of logcat since boot. */
	readonly logLines: string[] = [];
	/** Text that the dialler shows: `*#06#` leaves the IMEIs here. */
	screenText: readonly string[] = [];
	/** What stands in the shade, by tag; a restart takes it away. */
	readonly notifications = new Map<string, ShownNotification>();
	#state: HandsetState;
	#ownerRefusedAtMs: number | undefined;

	constructor(
		readonly memory: HandsetMemory,
		readonly files: PhoneFiles,
		/** Virtual time, Unix milliseconds. */
		readonly nowMs: () => number,
		readonly readApk: ApkReader = apkReader(),
	) {
		this.#state = memory.load();
	}

	get state(): HandsetState {
		return this.#state;
	}

	change(change: (state: HandsetState) => HandsetState): void {
		const next = change(this.#state);
		if (next === this.#state) return;
		this.memory.save(next);
		this.#state = next;
	}

	/** Milliseconds since boot. */
	uptimeMs(): number {
		return Math.max(0, this.nowMs() - this.#state.bootedAtMs);
	}

	get booted(): boolean {
		return this.#state.quirks.neverBoots !== true;
	}

	log(tag: string, message: string): void {
		this.logLines.push(`${logTime(this.nowMs())}  1580  1612 W ${tag}: ${message}`);
		if (this.logLines.length > 500) this.logLines.shift();
	}

	/** What a restart does to the phone: counters, and whatever only memory held. */
	boot(): void {
		this.logLines.length = 0;
		this.screenText = [];
		this.notifications.clear();
		this.#ownerRefusedAtMs = undefined;
		this.change((state) => ({
			...state,
			bootCount: state.bootCount + 1,
			bootedAtMs: this.nowMs(),
			bootId: randomUUID(),
			quirks: quirksAfterBoot(state),
		}));
	}

	/** Whether an owner quirk still holds at a refusal; the first refusal starts its clock. Real time: people wait in it. */
	ownerQuirkHolds(): boolean {
		const { owner, ownerClearsAfterMs } = this.#state.quirks;
		if (owner === undefined) return false;
		if (ownerClearsAfterMs === undefined) return true;
		this.#ownerRefusedAtMs ??= Date.now();
		return Date.now() - this.#ownerRefusedAtMs < ownerClearsAfterMs;
	}

	/** MIUI's gate: whether uid 2000 is denied the permissions that "USB debugging (Security settings)" guards. */
	get securityGateClosed(): boolean {
		const { props, quirks } = this.#state;
		return props["persist.security.adbinput"] !== "1" || quirks.securityGateStuck === true;
	}

	get isAgentOwner(): boolean {
		return this.#state.deviceOwner === AGENT_ADMIN;
	}

	package(name: string): InstalledPackage | undefined {
		return this.#state.packages[name];
	}

	/** The package that declares a content provider. */
	providerPackage(authority: string): InstalledPackage | undefined {
		return Object.values(this.#state.packages).find((candidate) =>
			candidate.providers.some((provider) => provider.authorities.split(";").includes(authority)),
		);
	}

	/** Runs the events that a command sets off. @returns false when the command is never carried out. */
	beforeCommand(text: string): boolean {
		const { quirks, eventsDone } = this.#state;
		if (!quirks.events || eventsDone.length === quirks.events.length) return true;
		this.change((state) => ({
			...state,
			commandCount: state.commandCount + 1,
		}));
		return !this.#fire(
			({ when }) =>
				("atCommand" in when && this.#state.commandCount >= when.atCommand) ||
				("beforeCommand" in when && text.includes(when.beforeCommand)),
		);
	}

	afterCommand(text: string): void {
		this.#fire(({ when }) => "afterCommand" in when && text.includes(when.afterCommand));
	}

	#fire(isDue: (event: ScriptedEvent) => boolean): boolean {
		const events = this.#state.quirks.events ?? [];
		const index = events.findIndex((event, at) => !this.#state.eventsDone.includes(at) && isDue(event));
		const event = events[index];
		if (!event) return false;
		this.change((state) => ({
			...happened(state, event.what),
			eventsDone: [...state.eventsDone, index],
		}));
		switch (event.what) {
			case "security-toggle-off":
				return false;
			case "swap":
				this.watcher?.onPhysical("unplug");
				return true;
			default:
				this.watcher?.onPhysical(event.what);
				return true;
		}
	}
}

function happened(state: HandsetState, what: ScriptedEvent["what"]): HandsetState {
	if (what === "security-toggle-off")
		return {
			...state,
			props: { ...state.props, "persist.security.adbinput": "0" },
		};
	if (what !== "swap") return state;
	const serial = `${state.serial.slice(0, -2)}ZZ`;
	return {
		...state,
		serial,
		props: {
			...state.props,
			"ro.serialno": serial,
			"ro.boot.serialno": serial,
		},
		telephony: {
			...state.telephony,
			imeis: ["864690055512365", "864690055512373"].slice(0, state.telephony.imeis.length),
		},
	};
}

/** A stale account cache, a half-removed admin and a hung service are gone after a restart; the rest is not. */
function quirksAfterBoot(state: HandsetState): HandsetState["quirks"] {
	const { owner, ...others } = state.quirks;
	const dies = others.agent === "gone-after-boot" && state.packages[AGENT_PACKAGE] !== undefined;
	const rest = dies ? { ...others, agent: "absent" as const } : others;
	const cured = owner === "accounts-cached" || owner === "admin-removing" || owner === "dead-object" || owner === "service-down";
	return owner === undefined || cured ? rest : { ...rest, owner };
}

function logTime(ms: number): string {
	return new Date(ms).toISOString().slice(5, 23).replace("T", " ");
}
