import { join } from "node:path";

import type { AgentHost } from "../../agent/hosts/node/agent-host.ts";
import type { AdbServer } from "./adb-client.ts";
import type { AdbdLink } from "./adbd-link.ts";
import type { ApkReader } from "./apk-reader.ts";
import { Handset, type ShownNotification } from "./handset.ts";
import { type HandsetAttests, handsetAgent, type ShownScreen } from "./handset-agent.ts";
import type { HandsetState } from "./handset-state.ts";
import { handsetStore } from "./handset-store.ts";
import type { LabClock } from "./lab-clock.ts";
import { phoneFiles } from "./phone-files.ts";

export type { ShownScreen } from "./handset-agent.ts";

/** One virtual handset, as a person would handle it. */
export interface LabHandset {
	/** Name under which adb knows it: host:port. */
	readonly adbSerial: string;
	readonly host: "127.0.0.1";
	readonly port: number;
	/** Serial number and IMEIs on the box. What the phone says differs if a fault says so. */
	readonly serial: string;
	readonly imeis: readonly string[];
	readonly profile: string;
	readonly faults: readonly string[];
	/** Everything the phone remembers. */
	readonly state: HandsetState;
	/** Process id of its adbd, where it has one. */
	readonly pid: number | undefined;
	/** Puts the cable in; resolves when adbd listens, or at once when the phone has debugging closed. */
	plug(): Promise<void>;
	unplug(): Promise<void>;
	replug(): Promise<void>;
	/** The link stays up, nothing answers. */
	freeze(): void;
	thaw(): void;
	/** Restarts the phone; resolves when it is up again. */
	reboot(): Promise<void>;
	/** A repair: the modem says other IMEIs from the next start on. Everything else on the phone stays, the box as well. */
	rewriteImeis(imeis: readonly string[]): Promise<void>;
	/** The person taps "Allow" on the debugging dialog, now or when it comes. */
	tapAllow(): void;
	/** Whether somebody looks at the screen. */
	setPersonPresent(present: boolean): void;
	/** Whether the phone reaches the lender by itself. */
	setOnline(online: boolean): void;
	/** The agent, when it is installed and the phone is on. */
	readonly agent: AgentHost | undefined;
	/** Names of the controls that are restricted now. */
	restrictions(): readonly string[];
	/** What the agent shows, as it wrote it; `undefined` before it showed anything. */
	screen(): ShownScreen | undefined;
	/** What stands in the shade and was not put there by the agent. */
	notifications(): readonly ShownNotification[];
	/** The borrower takes the record away: the file's bytes; `undefined` if no agent runs, or no contract is bound. */
	takeRecord(): Promise<Uint8Array | undefined>;
	close(): Promise<void>;
}

export interface LabHandsetOptions {
	readonly folder: string;
	readonly clock: LabClock;
	readonly initial: () => HandsetState;
	/** On the box and on the folder. */
	readonly serial: string;
	/** Makes the phone's adbd. */
	readonly link: (phone: Handset, authorize: () => Promise<boolean>) => AdbdLink;
	readonly bootMs: number;
	/** The package manager's; handsets may share one. */
	readonly readApk: ApkReader;
	readonly adbServer: AdbServer | undefined;
	readonly post: (url: string, body: Uint8Array, deadlineMs: number) => Promise<Uint8Array>;
	readonly attest?: HandsetAttests;
	readonly onEvent?: (what: { at: number; event: string; standing: string }) => void;
}

/** Makes a handset: switched on, agent running if it is installed, cable not in. */
export async function labHandset(options: LabHandsetOptions): Promise<LabHandset> {
	const { folder, clock, adbServer } = options;
	const phone = new Handset(handsetStore(folder, options.initial), phoneFiles(folder), clock.nowMs, options.readApk);
	let online = true;
	let personPresent = true;
	let plugged = false;
	let powered = true;
	let closed = false;
	let listening = false;
	const allow = tapToAllow(phone);
	const link = options.link(phone, allow.ask);
	const adbSerial = `127.0.0.1:${link.port}`;
	const agent = handsetAgent({
		phone,
		clock,
		folder: join(folder, "agent"),
		post: (url, body, deadlineMs) =>
			online && powered ? options.post(url, body, deadlineMs) : Promise.reject(new Error("the handset has no network")),
		isPersonPresent: () => personPresent,
		...(options.attest ? { attest: options.attest } : {}),
		...(options.onEvent ? { onEvent: options.onEvent } : {}),
	});

	// One change of the link at a time; each works out anew what should hold.
	let changing: Promise<unknown> = Promise.resolve();
	const settleLink = (): Promise<void> => {
		const next = changing.then(async () => {
			const wanted = plugged && powered && !closed && !phone.state.restrictions.includes("debugging");
			if (wanted === listening) return;
			listening = wanted;
			if (!wanted) {
				await link.stop();
				await adbServer?.disconnect(adbSerial);
				return;
			}
			await link.start();
			if (phone.state.quirks.link === "silent") link.freeze();
			await adbServer?.connect(adbSerial);
		});
		changing = next.catch(() => {});
		return next;
	};
	/** The phone's own doing: nobody waits for it, so what goes wrong is said aloud. */
	const alone = (work: Promise<unknown>) => {
		work.catch((error: unknown) => process.emitWarning(error instanceof Error ? error : new Error(String(error))));
	};
	const reboot = async () => {
		powered = false;
		await Promise.all([settleLink(), agent.settle(false)]);
		await new Promise((resolve) => setTimeout(resolve, options.bootMs));
		if (closed) return;
		phone.boot();
		powered = true;
		await agent.settle(true);
		await settleLink();
	};
	phone.watcher = {
		onPhysical(what) {
			if (what === "freeze") return link.freeze();
			if (what === "reboot") return alone(reboot());
			plugged = false;
			alone(settleLink());
		},
		onPackage: () => alone(agent.settle(powered)),
		onDebugging: () => alone(settleLink()),
	};
	await agent.settle(true);

	return {
		adbSerial,
		host: "127.0.0.1",
		port: link.port,
		serial: options.serial,
		imeis: phone.state.boxImeis,
		profile: phone.state.profile,
		faults: phone.state.faults,
		get state() {
			return phone.state;
		},
		get pid() {
			return link.pid;
		},
		get agent() {
			return agent.host;
		},
		plug() {
			plugged = true;
			return settleLink();
		},
		unplug() {
			plugged = false;
			return settleLink();
		},
		async replug() {
			plugged = false;
			await settleLink();
			plugged = true;
			await settleLink();
		},
		freeze: () => link.freeze(),
		thaw: () => link.thaw(),
		reboot,
		async rewriteImeis(imeis) {
			phone.change((state) => ({ ...state, telephony: { ...state.telephony, imeis } }));
			await reboot();
		},
		tapAllow: allow.tap,
		setPersonPresent(present) {
			personPresent = present;
		},
		setOnline(now) {
			online = now;
		},
		restrictions: () => phone.state.restrictions,
		screen: () => agent.screen(),
		notifications: () => [...phone.notifications.values()],
		takeRecord: async () => agent.host?.exportRecord(),
		async close() {
			closed = true;
			await settleLink();
			await agent.settle(false);
		},
	};
}

/** The debugging dialog: allowed for ever on a healthy phone; with a fault, denied or left standing until somebody taps. */
function tapToAllow(phone: Handset): { ask: () => Promise<boolean>; tap: () => void } {
	let tapped = false;
	const waiting = new Set<(allowed: boolean) => void>();
	return {
		async ask() {
			const { link } = phone.state.quirks;
			if (tapped || (link !== "denied" && link !== "ignored")) return true;
			if (link === "denied") return false;
			return new Promise<boolean>((resolve) => waiting.add(resolve));
		},
		tap() {
			tapped = true;
			for (const resolve of waiting) resolve(true);
			waiting.clear();
		},
	};
}
