import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";

import { type AgentHost, type HandsetControls, openAgentHost } from "../../agent/hosts/node/agent-host.ts";
import { wire } from "../../proto/wire.ts";
import { withQuirk } from "./agent-quirks.ts";
import { AGENT_ADMIN, AGENT_AUTHORITY, AGENT_PACKAGE, type Handset } from "./handset.ts";
import type { LabClock } from "./lab-clock.ts";

/** Certificates for a key, from its own to the root: see `attestation-ca.ts`. */
export type HandsetAttests = (challenge: Uint8Array, publicKey: Uint8Array) => readonly Uint8Array[];

export interface HandsetAgentOptions {
	readonly phone: Handset;
	readonly clock: LabClock;
	/** Where the agent keeps what it keeps. */
	readonly folder: string;
	readonly post: (url: string, body: Uint8Array, deadlineMs: number) => Promise<Uint8Array>;
	readonly isPersonPresent: () => boolean;
	/** How the phone attests a key that was made on it. Default: not at all. */
	readonly attest?: HandsetAttests | undefined;
	readonly onEvent?: (what: { at: number; event: string; standing: string }) => void;
}

/** The agent as an app of the handset: runs while the phone is on and the package is installed and enabled. */
export interface HandsetAgent {
	/** The running agent; `undefined` when there is none. */
	readonly host: AgentHost | undefined;
	/** Starts or ends it, as packages and power have it now. Changes of one handset never overlap. */
	settle(powered: boolean): Promise<void>;
	/** What the borrower sees; `undefined` when the agent has shown nothing yet. */
	screen(): ShownScreen | undefined;
}

/** The agent's screen. */
export interface ShownScreen {
	/** unbound, unlocked, grace, locked:limited, locked:full, released, recovery. */
	readonly standing: string;
	/** Why it is locked: overdue, offline, ordered; or empty. */
	readonly causes: readonly string[];
	/** The whole of `screen.json`. */
	readonly shown: Readonly<Record<string, unknown>>;
}

/** Makes the agent of a handset, not running yet. */
export function handsetAgent(options: HandsetAgentOptions): HandsetAgent {
	const { phone, clock, folder } = options;
	let host: AgentHost | undefined;
	let version: string | undefined;
	let changing: Promise<unknown> = Promise.resolve();
	let alarm: { cancel(): void } | undefined;

	const stop = async () => {
		const ending = host;
		host = undefined;
		alarm?.cancel();
		await ending?.close();
	};
	const end = async () => {
		phone.cable = undefined;
		await stop();
	};
	const settle = async (powered: boolean) => {
		const installed = phone.providerPackage(AGENT_AUTHORITY);
		if (!installed) {
			await end();
			// Uninstalling takes the data along.
			if (!phone.package(AGENT_PACKAGE)) rmSync(folder, { recursive: true, force: true });
			return;
		}
		if (!powered || !installed.enabled || phone.state.quirks.agent === "absent") return end();
		const installedVersion = `${installed.versionName}/${installed.lastUpdateMs}`;
		if (host && version === installedVersion) return;
		await stop(); // an update ends the old process, too; a request waits for the new one
		version = installedVersion;
		const opened = await openAgentHost({
			folder,
			agentVersion: installed.versionName,
			clock: {
				elapsedMs: () => phone.uptimeMs(),
				bootCount: () => phone.state.bootCount,
				wakeAt(elapsedMs, wake) {
					alarm?.cancel();
					alarm = elapsedMs === undefined ? undefined : clock.callAt(phone.state.bootedAtMs + elapsedMs, wake);
				},
			},
			handset: { ...controlsOf(phone), ...(options.attest ? { attest: options.attest } : {}) },
			post: options.post,
			isPersonPresent: options.isPersonPresent,
			...(options.onEvent ? { onEvent: options.onEvent } : {}),
		});
		host = opened;
	};
	const queue = (powered: boolean): Promise<void> => {
		const next = changing.then(() => settle(powered));
		changing = next.catch(() => {}); // told to whoever asked; the next change is not held up by it
		return next;
	};
	return {
		get host() {
			return host;
		},
		settle(powered) {
			const settled = queue(powered);
			// From now on a request waits for the agent instead of missing it.
			if (phone.providerPackage(AGENT_AUTHORITY)?.enabled && phone.state.quirks.agent !== "absent" && powered) {
				phone.cable = withQuirk(
					async (request) => {
						await settled;
						if (!host) throw new Error(`the agent of ${phone.state.serial} does not run`);
						return host.cable(request);
					},
					() => phone.state.quirks.agent,
				);
			}
			return settled;
		},
		screen() {
			try {
				return readScreen(JSON.parse(readFileSync(join(folder, "screen.json"), "utf8")));
			} catch {
				return undefined;
			}
		},
	};
}

function readScreen(shown: unknown): ShownScreen | undefined {
	if (typeof shown !== "object" || shown === null || !("kind" in shown) || typeof shown.kind !== "string") return undefined;
	const causes = "causes" in shown && Array.isArray(shown.causes) ? shown.causes.map(String) : [];
	const locked = shown.kind === "limited" || shown.kind === "full";
	return { standing: locked ? `locked:${shown.kind}` : shown.kind, causes, shown: { ...shown } };
}

/** What Android does for a device owner, done to the model. */
export function controlsOf(phone: Handset): HandsetControls {
	return {
		isDeviceOwner: () => phone.isAgentOwner,
		imeis: () => phone.state.telephony.agentReads ?? phone.state.telephony.imeis,
		serial: () => phone.state.serial,
		readings: () => ({ essentialPackages: essentialPackagesOf(phone) }),
		apply(wanted) {
			const before = phone.state.restrictions;
			// Nobody but the owner can restrict anything.
			const achieved = phone.isAgentOwner ? achievable(phone, wanted) : [];
			const debuggingBefore = !before.includes("debugging");
			const debugging = !achieved.includes("debugging");
			if (achieved.join() !== before.join()) {
				phone.change((state) => ({
					...state,
					restrictions: achieved,
					settings: { ...state.settings, global: { ...state.settings.global, adb_enabled: debugging ? "1" : "0" } },
				}));
			}
			if (debugging !== debuggingBefore) phone.watcher?.onDebugging(debugging);
			return [
				...wanted.filter((control) => !achieved.includes(control)),
				...achieved.filter((control) => !wanted.includes(control)),
			];
		},
		returnOwnership() {
			if (phone.state.quirks.ownershipSticks) return false;
			phone.change(({ deviceOwner, ...state }) => ({
				...state,
				...(deviceOwner === undefined || deviceOwner === AGENT_ADMIN ? {} : { deviceOwner }),
				activeAdmins: state.activeAdmins.filter((admin) => admin !== AGENT_ADMIN),
			}));
			return !phone.isAgentOwner;
		},
	};
}

/** What PackageManager and TelecomManager resolve on such a phone: the apps behind calls, texts, keys, settings and alerts. */
const ESSENTIAL: readonly [wire.EssentialRole, string][] = [
	[wire.EssentialRole.ESSENTIAL_ROLE_DIALER, "com.google.android.dialer"],
	[wire.EssentialRole.ESSENTIAL_ROLE_SMS, "com.google.android.apps.messaging"],
	[wire.EssentialRole.ESSENTIAL_ROLE_INPUT_METHOD, "com.google.android.inputmethod.latin"],
	[wire.EssentialRole.ESSENTIAL_ROLE_SETTINGS, "com.android.settings"],
	[wire.EssentialRole.ESSENTIAL_ROLE_CELL_BROADCAST, "com.android.cellbroadcastreceiver"],
	[wire.EssentialRole.ESSENTIAL_ROLE_SYSTEM, "com.android.phone"],
];

function essentialPackagesOf(phone: Handset): wire.EssentialPackage.$Properties[] {
	return ESSENTIAL.filter(([, packageName]) => phone.package(packageName)).map(([role, packageName]) => ({ role, packageName }));
}

function achievable(phone: Handset, wanted: readonly string[]): string[] {
	const ignored = phone.state.quirks.controlIgnored;
	if (!ignored) return [...wanted];
	if (ignored.direction === "apply") return wanted.filter((control) => control !== ignored.control);
	const held = phone.state.restrictions.includes(ignored.control);
	return held && !wanted.includes(ignored.control) ? [...wanted, ignored.control] : [...wanted];
}
