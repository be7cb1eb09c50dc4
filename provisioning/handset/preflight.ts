import { classifyDpm } from "./dpm-faults.ts";
import type { HandsetFacts } from "./facts.ts";
import { type Fault, fault } from "./fault.ts";
import type { FaultCode } from "./fault-codes.ts";
import type { HandsetPort } from "./port.ts";

/** What a handset must fulfil to be enrolled. */
export interface PreflightPolicy {
	/** Lowest API level; 30 is Android 11. */
	readonly minSdk: number;
	/** Oldest security patch, `YYYY-MM-DD`. */
	readonly minPatch: string;
	readonly minBatteryPercent: number;
	readonly minFreeBytes: number;
}

/** Where nobody says otherwise. The patch floor leaves out phones with public exploits of their bootloader. */
export const DEFAULT_POLICY: PreflightPolicy = {
	minSdk: 30,
	minPatch: "2024-01-01",
	minBatteryPercent: 15,
	minFreeBytes: 64 * 1024 * 1024,
};

/** One thing that may be wrong: `undefined` if it is not. */
type Check = (facts: HandsetFacts, policy: PreflightPolicy & { readonly ownerIsOurs: boolean }) => Fault | undefined;

const found = (code: FaultCode, details: Record<string, string> = {}): Fault => fault(code, { details });

/**
 * In the order in which an operator should put things right: what hides everything else first, then what rules the handset
 * out, then what an owner or a user left behind, then switches.
 */
const CHECKS: readonly Check[] = [
	({ booted }) => (booted ? undefined : found("HANDSET_BOOTING")),
	({ build: { sdk, android } }, { minSdk }) =>
		sdk !== undefined && sdk < minSdk
			? found("ANDROID_TOO_OLD", { android: android ?? "unknown", "API level": String(sdk) })
			: undefined,
	({ build }) => (build.bootloader === "unlocked" ? found("BOOTLOADER_UNLOCKED") : undefined),
	({ build }) =>
		build.bootState === "green" || build.bootState === "unknown"
			? undefined
			: found("BOOT_STATE_BAD", { "boot state": build.bootState }),
	({ build: { contradictions } }) =>
		contradictions.length > 0 ? found("FINGERPRINT_MISMATCH", { why: contradictions.join("; ") }) : undefined,
	({ imei }) => imei.fault,
	({ build: { patch } }, { minPatch }) =>
		patch !== undefined && patch < minPatch ? found("PATCH_TOO_OLD", { patch, "at least": minPatch }) : undefined,
	({ owner }, { ownerIsOurs }) => {
		if (owner === undefined || ownerIsOurs) return undefined;
		return "unread" in owner ? owner.unread : found("DPM_OWNER_EXISTS", { owner: owner.component });
	},
	({ profileOwner }) => (profileOwner ? found("DPM_PROFILE_OWNER", { owner: profileOwner.component }) : undefined),
	({ agent }) => (agent && "unread" in agent ? agent.unread : undefined),
	({ deviceAdminFeature }) =>
		deviceAdminFeature === false ? found("DPM_REFUSED_SILENTLY", { why: "this build has no device admin feature" }) : undefined,
	({ users }) => (users?.some(({ id, running }) => id === 0 && !running) ? found("DPM_USER_NOT_RUNNING") : undefined),
	({ users }) => {
		const others = users?.filter(({ id }) => id !== 0) ?? [];
		return others.length > 0
			? found("DPM_USERS_PRESENT", {
					users: others.map(({ id, name }) => `${id} (${name})`).join(", "),
				})
			: undefined;
	},
	({ accounts }, { ownerIsOurs }) => {
		const signedIn = accounts?.filter(({ count }) => count > 0) ?? [];
		// An account added after enrolment is the borrower's business.
		if (signedIn.length === 0 || ownerIsOurs) return undefined;
		const list = signedIn
			.map(({ user, count, types }) => `user ${user}: ${types.length > 0 ? types.join(", ") : count}`)
			.join("; ");
		return found("DPM_ACCOUNTS_PRESENT", { accounts: list });
	},
	({ toggles }) => (toggles.findDevice === "on" ? found("FIND_DEVICE_ON") : undefined),
	({ toggles }, { ownerIsOurs }) =>
		toggles.securitySettings === "off" && !ownerIsOurs
			? found("XIAOMI_SECURITY_TOGGLE_OFF", { read: "the switch reads off" })
			: undefined,
	({ toggles }) => (toggles.installViaUsb === "off" ? found("XIAOMI_INSTALL_TOGGLE_OFF") : undefined),
	({ battery: { percent } }, { minBatteryPercent }) =>
		percent !== undefined && percent < minBatteryPercent
			? found("BATTERY_LOW", {
					battery: `${percent} %`,
					"at least": `${minBatteryPercent} %`,
				})
			: undefined,
	({ storage: { freeBytes } }, { minFreeBytes }) =>
		freeBytes !== undefined && freeBytes < minFreeBytes
			? found("STORAGE_FULL", {
					free: `${Math.floor(freeBytes / 1048576)} MiB`,
					"at least": `${Math.ceil(minFreeBytes / 1048576)} MiB`,
				})
			: undefined,
];

/**
 * Everything that stands in the way of an enrolment, in the order to put it right; empty is good. A handset that is ours
 * already is not held against what only matters before its owner was set. What the phone did not tell is no fault here:
 * the step that needs it fails by itself.
 */
export function preflight(facts: HandsetFacts, policy: PreflightPolicy & { readonly ownerIsOurs: boolean }): readonly Fault[] {
	const faults = CHECKS.flatMap((check) => check(facts, policy) ?? []);
	// One fault may show in several facts (a service that is down hides owner and agent alike).
	return faults.filter((each, index) => faults.findIndex(({ code }) => code === each.code) === index);
}

/** A component that no phone has. */
const NOBODY = "dev.holdfast.probe/.Nobody";

/**
 * Asks the phone to make an app device admin that does not exist. Changes nothing. With "USB debugging (Security settings)"
 * in force it does not know the app; with the gate closed it refuses before looking, whatever the switch reads.
 *
 * @returns the fault that would also stop `set-device-owner`, or nothing.
 * @throws {FaultError} the link's.
 */
export async function probeSecurityToggle(port: HandsetPort): Promise<Fault | undefined> {
	const result = await port.shell(["dpm", "set-active-admin", "--user", "0", NOBODY]);
	const code = classifyDpm(result);
	const tells: readonly (FaultCode | undefined)[] = ["XIAOMI_SECURITY_TOGGLE_OFF", "ADB_FOYER", "DPM_SERVICE_DOWN", "DPM_USAGE"];
	if (code === undefined || !tells.includes(code)) return undefined;
	return fault(code, {
		raw: `${result.stdout}\n${result.stderr}`,
		details: { probe: "asked for an admin that does not exist" },
	});
}

const PROBE_BYTES = 1024 * 1024;
/** A USB 2 cable that falls back to full speed carries 1 MB/s at best; a good one 30. */
const SLOW_BYTES_PER_SECOND = 1_500_000;
/** Round trips over a cable take some milliseconds; a hub that drops and repeats packets takes hundreds. */
const SLOW_ROUND_TRIP_MS = 1_000;
const PROBE_DEADLINE_MS = 15_000;

/**
 * Measures the cable: one round trip, then 1 MiB into `wc -c` on the phone. Stores nothing there.
 *
 * @returns USB_SLOW with the figures, or nothing.
 * @throws {FaultError} the link's.
 */
export async function probeCable(port: HandsetPort, clock: { nowMs(): number }): Promise<Fault | undefined> {
	const started = clock.nowMs();
	await port.shell(["true"], { deadlineMs: PROBE_DEADLINE_MS });
	const answered = clock.nowMs();
	const { stdout } = await port.shell(["wc", "-c"], { stdin: new Uint8Array(PROBE_BYTES), deadlineMs: PROBE_DEADLINE_MS });
	const seconds = Math.max(clock.nowMs() - answered, 1) / 1000;
	const arrived = Number(stdout.trim());
	const roundTripMs = answered - started;
	// A phone that can't count (no shell yet) tells nothing of its cable.
	const bytesPerSecond = arrived === PROBE_BYTES ? Math.round(PROBE_BYTES / seconds) : undefined;
	const slow = roundTripMs > SLOW_ROUND_TRIP_MS || (bytesPerSecond !== undefined && bytesPerSecond < SLOW_BYTES_PER_SECOND);
	if (!slow) return undefined;
	return fault("USB_SLOW", {
		details: {
			"round trip": `${roundTripMs} ms`,
			rate: bytesPerSecond === undefined ? "unknown" : `${(bytesPerSecond / 1e6).toFixed(1)} MB/s`,
		},
	});
}
