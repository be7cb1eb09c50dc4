import { classifyDpm } from "./dpm-faults.ts";
import type { HandsetFacts } from "./facts.ts";
import { type Fault, fault } from "./fault.ts";
import type { FaultCode } from "./fault-codes.ts";
import type { HandsetPort } from "./port.ts";
import { describeAccounts } from "./users.ts";

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
type Check = (facts: HandsetFacts, policy: PreflightPolicy) => Fault | undefined;

const found = (code: FaultCode, details: Record<string, string> = {}): Fault => fault(code, { details });

/** What rules a handset out, whoever owns it. */
const HANDSET_CHECKS: readonly Check[] = [
	({ build: { sdk, android } }, { minSdk }) =>
		sdk !== undefined && sdk < minSdk
			? found("ANDROID_TOO_OLD", { android: android ?? "unknown", "API level": String(sdk) })
			: undefined,
	({ build }) => (build.bootloader === "unlocked" ? found("BOOTLOADER_UNLOCKED") : undefined),
	({ build: { bootState } }) =>
		bootState === "green" || bootState === "unknown" ? undefined : found("BOOT_STATE_BAD", { "boot state": bootState }),
	({ build: { contradictions } }) =>
		contradictions.length > 0 ? found("FINGERPRINT_MISMATCH", { why: contradictions.join("; ") }) : undefined,
	({ imei }) => imei.fault,
	({ build: { patch } }, { minPatch }) =>
		patch !== undefined && patch < minPatch ? found("PATCH_TOO_OLD", { patch, "at least": minPatch }) : undefined,
	({ agent }) => (agent && "unread" in agent ? agent.unread : undefined),
];

/** What stands in the way of becoming owner. Once we are, accounts and users are the borrower's business. */
const OWNERSHIP_CHECKS: readonly Check[] = [
	({ owner }) => {
		if (owner === undefined) return undefined;
		return "unread" in owner ? owner.unread : found("DPM_OWNER_EXISTS", { owner: owner.component });
	},
	({ profileOwner }) => (profileOwner ? found("DPM_PROFILE_OWNER", { owner: profileOwner.component }) : undefined),
	({ deviceAdminFeature }) =>
		deviceAdminFeature === false ? found("DPM_REFUSED_SILENTLY", { why: "this build has no device admin feature" }) : undefined,
	({ users }) => (users?.some(({ id, running }) => id === 0 && !running) ? found("DPM_USER_NOT_RUNNING") : undefined),
	({ users }) => {
		const others = users?.filter(({ id }) => id !== 0) ?? [];
		if (others.length === 0) return undefined;
		return found("DPM_USERS_PRESENT", { users: others.map(({ id, name }) => `${id} (${name})`).join(", ") });
	},
	({ accounts }) => {
		const signedIn = describeAccounts(accounts);
		return signedIn === undefined ? undefined : found("DPM_ACCOUNTS_PRESENT", { accounts: signedIn });
	},
	({ toggles }) => (toggles.findDevice === "on" ? found("FIND_DEVICE_ON") : undefined),
	({ toggles }) =>
		toggles.securitySettings === "off" ? found("XIAOMI_SECURITY_TOGGLE_OFF", { read: "the switch reads off" }) : undefined,
	({ toggles }) => (toggles.installViaUsb === "off" ? found("XIAOMI_INSTALL_TOGGLE_OFF") : undefined),
];

/** What passes by itself, or nearly. */
const CONDITION_CHECKS: readonly Check[] = [
	({ battery: { percent } }, { minBatteryPercent: least }) =>
		percent !== undefined && percent < least
			? found("BATTERY_LOW", { battery: `${percent} %`, "at least": `${least} %` })
			: undefined,
	({ storage: { freeBytes } }, { minFreeBytes: least }) =>
		freeBytes !== undefined && freeBytes < least
			? found("STORAGE_FULL", { free: mebibytes(freeBytes), "at least": mebibytes(least) })
			: undefined,
];

const mebibytes = (bytes: number) => `${Math.floor(bytes / 1048576)} MiB`;

/**
 * Everything that stands in the way of an enrolment, in the order in which an operator should put it right; empty is good. What
 * the phone did not tell is no fault here, other than its owner, its agent and its IMEI: the step that needs it fails by itself.
 *
 * @param policy with `ownerIsOurs`: our agent is device owner already, so nothing can stand in the way of that.
 */
export function preflight(facts: HandsetFacts, policy: PreflightPolicy & { readonly ownerIsOurs: boolean }): readonly Fault[] {
	// Until then most services are missing, and everything they would tell is missing for no other reason.
	if (!facts.booted) return [found("HANDSET_BOOTING")];
	const checks = [...HANDSET_CHECKS, ...(policy.ownerIsOurs ? [] : OWNERSHIP_CHECKS), ...CONDITION_CHECKS];
	const faults = checks.flatMap((check) => check(facts, policy) ?? []);
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

/** Sent one after the other: a cable that is far too slow shows with the first and isn't kept busy with the second. */
const PROBE_BYTES = [64 * 1024, 1024 * 1024] as const;
/** A USB 2 cable that falls back to full speed carries 1 MB/s at best; a good one 30. */
const SLOW_BYTES_PER_SECOND = 1_500_000;
/** Round trips over a cable take some milliseconds; a hub that drops and repeats packets takes hundreds. */
const SLOW_ROUND_TRIP_MS = 1_000;
const PROBE_DEADLINE_MS = 15_000;

/**
 * Measures the cable: one round trip, then up to 1 MiB into `wc -c` on the phone. Stores nothing there.
 *
 * @returns USB_SLOW with the figures, or nothing.
 * @throws {FaultError} the link's.
 */
export async function probeCable(port: HandsetPort, clock: { nowMs(): number }): Promise<Fault | undefined> {
	const options = { deadlineMs: PROBE_DEADLINE_MS };
	const started = clock.nowMs();
	await port.shell(["true"], options);
	const roundTripMs = clock.nowMs() - started;
	let bytesPerSecond: number | undefined;
	for (const bytes of PROBE_BYTES) {
		const sent = clock.nowMs();
		const { stdout } = await port.shell(["wc", "-c"], { stdin: new Uint8Array(bytes), ...options });
		// A phone that can't count (no shell yet) tells nothing of its cable.
		if (Number(stdout.trim()) !== bytes) break;
		const seconds = Math.max(clock.nowMs() - sent - roundTripMs, 1) / 1000;
		bytesPerSecond = Math.round(bytes / seconds);
		if (seconds > 1) break;
	}
	const isSlow = roundTripMs > SLOW_ROUND_TRIP_MS || (bytesPerSecond !== undefined && bytesPerSecond < SLOW_BYTES_PER_SECOND);
	if (!isSlow) return undefined;
	const rate = bytesPerSecond === undefined ? "unknown" : `${(bytesPerSecond / 1e6).toFixed(2)} MB/s`;
	return fault("USB_SLOW", { details: { "round trip": `${roundTripMs} ms`, rate } });
}
