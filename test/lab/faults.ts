import type { FaultCode } from "../../provisioning/handset/fault-codes.ts";
import {
	accounts,
	bootState,
	event,
	fingerprint,
	firstImei,
	foreignOwner,
	installFails,
	olderAgent,
	ownerRefuses,
	profileOwner,
	props,
	quirk,
	users,
} from "./fault-changes.ts";
import type { HandsetState, Quirks, ScriptedEvent } from "./handset-state.ts";

/** Numbers and words that a fault can be started with: `--fault battery-low:level=3`. */
export type FaultParameters = Readonly<Record<string, number | string>>;

/** One thing that is wrong with a handset from the moment it is plugged in. */
export interface Fault {
	readonly id: string;
	/** For people: what is the matter with the phone. */
	readonly summary: string;
	/** What the earliest procedure that can see it must report. */
	readonly code: FaultCode;
	/** The earliest procedure that can honestly see it by reading state, by a harmless probe, or by doing its work. */
	readonly seenBy: "doctor" | "enroll" | "verify" | "release";
	/** Other codes that the same condition shows just as honestly: an unlocked bootloader also boots orange. */
	readonly alsoSeen?: readonly FaultCode[];
	/** Lowest API level on which this can happen. */
	readonly minSdk?: number;
	/** Only the in-process transport can play it: Debian's adbd asks for no key. */
	readonly inProcessOnly?: true;
	/** Parameters with their defaults. */
	readonly parameters?: FaultParameters;
	/** The handset with this fault. */
	readonly change: (state: HandsetState, parameters: FaultParameters) => HandsetState;
}

/** Every fault. Texts of refusals are not here but with the commands that print them (`userland/`). */
export const FAULTS: readonly Fault[] = [
	// The cable and the adb server
	// To a host both look alike: the phone stays silent. Who waits for a tap, as without an adb server, sees the time run out.
	{
		id: "key-denied",
		summary: "Somebody taps Deny on the debugging dialog",
		code: "ADB_UNAUTHORIZED",
		seenBy: "doctor",
		alsoSeen: ["ADB_AUTH_TIMEOUT"],
		inProcessOnly: true,
		change: quirk({ link: "denied" }),
	},
	{
		id: "key-ignored",
		summary: "Nobody answers the debugging dialog",
		code: "ADB_UNAUTHORIZED",
		seenBy: "doctor",
		alsoSeen: ["ADB_AUTH_TIMEOUT"],
		inProcessOnly: true,
		change: quirk({ link: "ignored" }),
	},
	{
		id: "adb-offline",
		summary: "The link comes up, the phone never says hello",
		code: "ADB_OFFLINE",
		seenBy: "doctor",
		alsoSeen: ["LINK_STALLED", "NO_DEVICE"],
		change: quirk({ link: "silent" }),
	},
	{
		id: "foyer",
		summary: "Android 16 setup wizard: only trade-in mode answers",
		code: "ADB_FOYER",
		seenBy: "doctor",
		minSdk: 36,
		change: quirk({ foyer: true }),
	},
	event("unplug", "The cable is pulled at a command", "USB_LOST", "doctor", {
		atCommand: 3,
	}),
	event("unplug-at-install", "The cable is pulled when the agent is installed", "USB_LOST", "enroll", {
		beforeCommand: " install ",
	}),
	event("unplug-at-bind", "The cable is pulled when the contract is delivered", "USB_LOST", "enroll", {
		beforeCommand: "content call",
	}),
	event("frozen", "adbd stops answering at a command", "LINK_STALLED", "doctor", { atCommand: 3 }, "freeze"),
	event(
		"frozen-at-owner",
		"adbd stops answering at set-device-owner",
		"LINK_STALLED",
		"enroll",
		{
			beforeCommand: "set-device-owner",
		},
		"freeze",
	),
	event(
		"reboot-midway",
		"The phone restarts after the agent is installed",
		"HANDSET_REBOOTED",
		"enroll",
		{
			afterCommand: " install ",
		},
		"reboot",
		["USB_LOST"],
	),
	event(
		"swapped-midway",
		"Another phone is on the cable after the agent is installed",
		"IDENTITY_CHANGED",
		"enroll",
		{
			afterCommand: " install ",
		},
		"swap",
		["IMEI_MISMATCH", "USB_LOST"],
	),
	{
		id: "slow-usb",
		summary: "A bad cable: what is sent to the phone crawls",
		code: "USB_SLOW",
		seenBy: "doctor",
		alsoSeen: ["TRANSFER_STALLED"],
		parameters: { bytesPerSecond: 400_000 },
		change: (state, { bytesPerSecond }) => quirk({ cableBytesPerSecond: Number(bytesPerSecond) })(state),
	},
	{
		id: "transfer-stalls",
		summary: "The install stream stops in the middle",
		code: "TRANSFER_STALLED",
		seenBy: "enroll",
		parameters: { atByte: 4096 },
		change: (state, { atByte }) => quirk({ installStallsAtByte: Number(atByte) })(state),
	},
	// The handset's own state
	{
		id: "still-booting",
		summary: "The boot animation is still running",
		code: "HANDSET_BOOTING",
		seenBy: "doctor",
		alsoSeen: ["DPM_SERVICE_DOWN"],
		change: quirk({ neverBoots: true }),
	},
	{
		id: "android-10",
		summary: "Android 10",
		code: "ANDROID_TOO_OLD",
		seenBy: "doctor",
		change: (state) => {
			const fingerprint = (state.props["ro.build.fingerprint"] ?? "").replace(/:[\d.]+\//, ":10/");
			const release = { "ro.build.version.release": "10", "ro.build.version.sdk": "29" };
			return { ...props({ ...release, "ro.build.fingerprint": fingerprint })(state), sdk: 29 };
		},
	},
	{
		id: "battery-low",
		summary: "The battery is nearly empty",
		code: "BATTERY_LOW",
		seenBy: "doctor",
		parameters: { level: 7 },
		change: (state, { level }) => ({
			...state,
			battery: { ...state.battery, level: Number(level) },
		}),
	},
	{
		id: "storage-full",
		summary: "No space left on the phone",
		code: "STORAGE_FULL",
		seenBy: "doctor",
		alsoSeen: ["INSTALL_NO_SPACE"],
		parameters: { freeKiB: 9_000 },
		change: (state, { freeKiB }) => ({
			...installFails("INSTALL_FAILED_INSUFFICIENT_STORAGE: Failed to override installation location")(state),
			storage: { ...state.storage, freeKiB: Number(freeKiB) },
		}),
	},
	{
		id: "bootloader-unlocked",
		summary: "The bootloader is unlocked",
		code: "BOOTLOADER_UNLOCKED",
		seenBy: "doctor",
		alsoSeen: ["BOOT_STATE_BAD"],
		change: props({
			"ro.boot.flash.locked": "0",
			"ro.boot.vbmeta.device_state": "unlocked",
			"ro.boot.verifiedbootstate": "orange",
			"ro.secureboot.lockstate": "unlocked",
			"ro.secureboot.devicelock": "0",
			"sys.oem_unlock_allowed": "1",
		}),
	},
	bootState("orange", "Verified boot says orange although the bootloader claims to be locked"),
	bootState("yellow", "Verified boot says yellow: a system signed by somebody else"),
	bootState("red", "Verified boot says red: the system does not verify"),
	{
		id: "patch-old",
		summary: "The security patch is years old",
		code: "PATCH_TOO_OLD",
		seenBy: "doctor",
		parameters: { patch: "2022-04-01" },
		change: (state, { patch }) => props({ "ro.build.version.security_patch": String(patch) })(state),
	},
	fingerprint("fingerprint-other-build", "The fingerprint is of another build than the version", {
		"ro.build.fingerprint": "Xiaomi/umi/umi:10/QKQ1.191117.002/V11.0.20.0.QJBCNXM:user/release-keys",
	}),
	fingerprint("fingerprint-test-keys", "A self-made build: test keys", {
		"ro.build.tags": "test-keys",
		"ro.build.type": "userdebug",
		"ro.build.fingerprint": "Xiaomi/aosp/generic:15/AP3A.240905.015/eng.builder:userdebug/test-keys",
		"ro.debuggable": "1",
	}),
	fingerprint("region-swapped", "A China phone with another region's system: hardware and software disagree", {
		"ro.boot.hwc": "CN",
		"ro.miui.build.region": "global",
		"ro.build.version.incremental": "V14.0.2.0.TMRMIXM",
	}),
	{
		id: "security-toggle-off",
		summary: "USB debugging (Security settings) is off",
		code: "XIAOMI_SECURITY_TOGGLE_OFF",
		seenBy: "doctor",
		change: props({ "persist.security.adbinput": "0" }),
	},
	{
		id: "security-toggle-stuck",
		summary: "USB debugging (Security settings) reads on, but the phone has not noticed yet",
		code: "XIAOMI_SECURITY_TOGGLE_OFF",
		seenBy: "doctor",
		change: quirk({ securityGateStuck: true }),
	},
	event(
		"security-toggle-lapses",
		"USB debugging (Security settings) goes off after the install",
		"XIAOMI_SECURITY_TOGGLE_OFF",
		"enroll",
		{
			afterCommand: " install ",
		},
		"security-toggle-off",
	),
	{
		id: "install-toggle-off",
		summary: "Install via USB is off",
		code: "XIAOMI_INSTALL_TOGGLE_OFF",
		seenBy: "doctor",
		alsoSeen: ["XIAOMI_INSTALL_BLOCKED"],
		change: props({ "persist.security.adbinstall": "0" }),
	},
	{
		id: "find-device-on",
		summary: "Find device is on",
		code: "FIND_DEVICE_ON",
		seenBy: "doctor",
		// Which setting carries it is unproven: on the hardware checklist.
		change: (state) => ({
			...state,
			settings: {
				...state.settings,
				secure: { ...state.settings.secure, find_device_enabled: "1" },
			},
		}),
	},
	{
		id: "uninstall-forbidden",
		summary: "The system forbids removing the agent after its release",
		code: "MIUI_REFUSED",
		seenBy: "release",
		change: quirk({ uninstallRefusal: "DELETE_FAILED_INTERNAL_ERROR" }),
	},
	// Who this handset is
	{
		id: "imei-luhn",
		summary: "The first IMEI has a wrong check digit",
		code: "IMEI_INVALID",
		seenBy: "doctor",
		change: firstImei((imei) => imei.slice(0, 14) + ((Number(imei[14]) + 1) % 10)),
	},
	{
		id: "imei-placeholder",
		summary: "A blank board: the IMEI of emulators",
		code: "IMEI_INVALID",
		seenBy: "doctor",
		change: firstImei(() => "004999010640000"),
	},
	{
		id: "imei-refused",
		summary: "The phone refuses to tell its IMEI to the shell",
		code: "IMEI_UNREADABLE",
		seenBy: "doctor",
		change: (state) => ({
			...state,
			telephony: {
				...state.telephony,
				imeiProps: [],
				subscriberInfo: "refuses",
			},
		}),
	},
	{
		id: "imei-absent",
		summary: "Neither properties nor the telephony service know an IMEI",
		code: "IMEI_UNREADABLE",
		seenBy: "doctor",
		change: (state) => ({
			...state,
			telephony: {
				...state.telephony,
				imeiProps: [],
				subscriberInfo: "absent",
			},
		}),
	},
	{
		id: "imei-other",
		summary: "The IMEI is not the one on the box",
		code: "IMEI_MISMATCH",
		seenBy: "enroll",
		change: (state) => ({
			...state,
			telephony: {
				...state.telephony,
				imeis: ["864690055512340", "864690055512357"],
			},
		}),
	},
	{
		id: "imei-spoofed",
		summary: "The shell reads another IMEI than the agent",
		code: "IMEI_MISMATCH",
		seenBy: "enroll",
		alsoSeen: ["AGENT_REFUSED", "IDENTITY_CHANGED"],
		change: (state) => ({
			...state,
			telephony: { ...state.telephony, agentReads: ["864690055512340"] },
		}),
	},
	// Installing
	{
		id: "install-dialog-ignored",
		summary: "The install dialog runs out: nobody taps, or the screen is off",
		code: "XIAOMI_INSTALL_BLOCKED",
		seenBy: "enroll",
		parameters: { afterMs: 1_000 },
		change: (state, { afterMs }) =>
			installFails("INSTALL_FAILED_USER_RESTRICTED: Install canceled by user", Number(afterMs))(state),
	},
	install("install-isolation", "HyperOS keeps the package out", "XIAOMI_ISOLATION", "INSTALL_FAILED_HYPEROS_ISOLATION_VIOLATION"),
	install(
		"install-verification",
		"Play Protect or MIUI rejects the package",
		"INSTALL_VERIFICATION",
		"INSTALL_FAILED_VERIFICATION_FAILURE: Install not allowed",
	),
	install(
		"install-test-only",
		"The phone says that the package is for tests only",
		"INSTALL_TEST_ONLY",
		"INSTALL_FAILED_TEST_ONLY: installPackageLI",
	),
	install(
		"install-no-space",
		"The phone finds no space for the package although some is free",
		"INSTALL_NO_SPACE",
		"INSTALL_FAILED_INSUFFICIENT_STORAGE: Failed to override installation location",
	),
	install(
		"install-refused",
		"The package manager fails in a way of its own",
		"INSTALL_REFUSED",
		"INSTALL_FAILED_INTERNAL_ERROR: Permission Denied",
	),
	{
		id: "install-downgrade",
		summary: "A newer version of the agent is on the phone",
		code: "INSTALL_DOWNGRADE",
		seenBy: "enroll",
		// Signed by whoever signs the agent that is installed over it.
		change: olderAgent({ versionCode: 2_000_000_000, signerSha256: [] }),
	},
	{
		id: "install-wrong-signer",
		summary: "An agent signed by somebody else is on the phone",
		code: "INSTALL_WRONG_SIGNER",
		seenBy: "enroll",
		change: olderAgent({ signerSha256: ["0f".repeat(32)] }),
	},
	// Device owner
	accounts("account-xiaomi", "A Mi account is signed in", {
		type: "com.xiaomi",
		name: "2807***558",
	}),
	accounts("account-google", "A Google account is signed in", {
		type: "com.google",
		name: "someone@example.com",
	}),
	accounts("account-unactivated", "The hidden account that SIM activation makes", {
		type: "com.xiaomi.unactivated",
		name: "unactivated",
	}),
	{
		id: "account-other-user",
		summary: "An account is signed in on a second user",
		code: "DPM_ACCOUNTS_PRESENT",
		seenBy: "doctor",
		alsoSeen: ["DPM_USERS_PRESENT"],
		change: (state) => ({
			...state,
			users: [...state.users, { id: 999, name: "XSpace", flags: "801010", running: true }],
			accounts: [{ user: 999, type: "com.google", name: "other@example.com" }],
		}),
	},
	ownerRefuses("accounts-cached", "The phone still believes in an account that is gone", "DPM_ACCOUNTS_PRESENT"),
	ownerRefuses("refused-silently", "set-device-owner is refused without a reason", "DPM_REFUSED_SILENTLY"),
	{
		id: "no-device-admin",
		summary: "The build has no device admin feature",
		code: "DPM_REFUSED_SILENTLY",
		seenBy: "doctor",
		change: (state) => ({
			...quirk({ owner: "refused-silently" })(state),
			features: state.features.filter((feature) => feature !== "android.software.device_admin"),
		}),
	},
	users("dual-apps", "Dual apps made user 999", {
		id: 999,
		name: "XSpace",
		flags: "801010",
	}),
	users("second-space", "Second space made user 10", {
		id: 10,
		name: "security space",
		flags: "413",
	}),
	users("guest-user", "There is a guest user", {
		id: 11,
		name: "Guest",
		flags: "414",
	}),
	users("work-profile", "There is a work profile", {
		id: 12,
		name: "Work profile",
		flags: "1030",
	}),
	{
		...users("private-space", "There is a private space", {
			id: 13,
			name: "Private space",
			flags: "1090",
		}),
		minSdk: 35,
	},
	{
		id: "owner-foreign",
		summary: "Another app is device owner",
		code: "DPM_OWNER_EXISTS",
		seenBy: "doctor",
		change: foreignOwner("com.uyen.launcher/.receiver.UyenDeviceAdminReceiver"),
	},
	{
		id: "profile-owner",
		summary: "Another app is profile owner of the first user",
		code: "DPM_PROFILE_OWNER",
		seenBy: "doctor",
		change: profileOwner("com.example.work/.AdminReceiver"),
	},
	{
		id: "user-not-running",
		summary: "The first user was not unlocked since the phone started",
		code: "DPM_USER_NOT_RUNNING",
		seenBy: "doctor",
		change: (state) => ({
			...state,
			users: state.users.map((user) => ({ ...user, running: false })),
		}),
	},
	ownerRefuses("caller", "The phone takes the shell for an app and set-up for finished", "DPM_CALLER"),
	ownerRefuses("oem-rule", "A rule of the maker's own forbids owners", "DPM_OEM_RULE"),
	// Android 13 and later take these three for "already an admin" and stumble one step further on.
	{
		...ownerRefuses("unknown-admin", "The phone has not registered the agent's receiver", "DPM_UNKNOWN_ADMIN"),
		alsoSeen: ["DPM_NOT_ACTIVE"],
	},
	{ ...ownerRefuses("bad-admin", "The phone finds the agent's receiver unfit", "DPM_BAD_ADMIN"), alsoSeen: ["DPM_NOT_ACTIVE"] },
	{
		...ownerRefuses("admin-removing", "An earlier attempt is still being rolled back", "DPM_ADMIN_REMOVING"),
		alsoSeen: ["DPM_NOT_ACTIVE"],
	},
	ownerRefuses("not-active", "The agent does not become active admin", "DPM_NOT_ACTIVE"),
	ownerRefuses("dead-object", "The system restarts its services at set-device-owner", "DPM_SERVICE_DOWN"),
	{
		...ownerRefuses("service-down", "The device policy service is not there", "DPM_SERVICE_DOWN"),
		seenBy: "doctor",
	},
	{
		...ownerRefuses("old-options", "dpm does not know the options that it is given", "DPM_USAGE"),
		seenBy: "doctor",
	},
	// The agent
	agent("agent-unreachable", "The agent does not answer the cable", "AGENT_UNREACHABLE", "absent"),
	agent("agent-crashes", "The agent's process ends at each call", "AGENT_UNREACHABLE", "dies"),
	{
		id: "adb-root",
		summary: "adb runs as root, whom the agent does not serve",
		code: "AGENT_UNREACHABLE",
		seenBy: "enroll",
		change: quirk({ adbRoot: true }),
	},
	agent("agent-rubbish", "The agent answers rubbish", "AGENT_REPLY_INVALID", "rubbish"),
	agent("agent-refuses", "The agent refuses the contract", "AGENT_REFUSED", "refuses"),
	agent("agent-bound-elsewhere", "The agent holds another contract", "AGENT_BOUND_ELSEWHERE", "bound-elsewhere"),
	agent("receipt-false", "The agent's receipt is not signed by its key", "RECEIPT_INVALID", "false-receipt"),
	{
		...agent("agent-dies-at-boot", "The agent does not come up again after a restart", "AGENT_UNREACHABLE", "gone-after-boot"),
		seenBy: "verify",
	},
	{
		id: "seal-fails",
		summary: "USB debugging cannot be switched off",
		code: "SEAL_FAILED",
		seenBy: "enroll",
		change: quirk({
			controlIgnored: { control: "debugging", direction: "apply" },
		}),
	},
	// Giving the phone back
	{
		id: "owner-sticks",
		summary: "The phone keeps the agent as owner after the release",
		code: "OWNER_REMAINS",
		seenBy: "release",
		change: quirk({ ownershipSticks: true }),
	},
	{
		id: "restriction-sticks",
		summary: "A restriction cannot be lifted at the release",
		code: "RELEASE_INCOMPLETE",
		seenBy: "release",
		parameters: { control: "factoryReset" },
		change: (state, { control }) =>
			quirk({
				controlIgnored: { control: String(control), direction: "lift" },
			})(state),
	},
	{
		id: "uninstall-protected",
		summary: "The agent cannot be removed although it owns nothing any more",
		code: "DO_PROTECTED",
		seenBy: "release",
		change: quirk({ uninstallRefusal: "DELETE_FAILED_DEVICE_POLICY_MANAGER" }),
	},
];

function install(id: string, summary: string, code: FaultCode, text: string): Fault {
	return { id, summary, code, seenBy: "enroll", change: installFails(text) };
}

function agent(id: string, summary: string, code: FaultCode, misbehaviour: NonNullable<Quirks["agent"]>): Fault {
	return {
		id,
		summary,
		code,
		seenBy: "enroll",
		change: quirk({ agent: misbehaviour }),
	};
}

/** A fault as a person names it: `battery-low` or `battery-low:level=3`. */
export function readFault(text: string): {
	fault: Fault;
	parameters: FaultParameters;
} {
	const [id = "", ...settings] = text.split(/[:,]/);
	const fault = FAULTS.find((candidate) => candidate.id === id);
	if (!fault) throw new RangeError(`no fault "${id}": scripts/lab list shows those there are`);
	const parameters: Record<string, number | string> = { ...fault.parameters };
	for (const setting of settings) {
		const [name = "", value = ""] = setting.split("=");
		const standard = parameters[name];
		if (standard === undefined) {
			throw new RangeError(`fault "${id}" has no parameter "${name}": it has ${Object.keys(parameters).join(", ") || "none"}`);
		}
		if (typeof standard === "number" && !(Number(value) >= 0)) {
			throw new RangeError(`fault "${id}": ${name} is a number, not "${value}"`);
		}
		parameters[name] = typeof standard === "number" ? Number(value) : value;
	}
	return { fault, parameters };
}

/** @throws {RangeError} when the fault cannot happen on this handset. */
export function withFault(state: HandsetState, text: string): HandsetState {
	const { fault, parameters } = readFault(text);
	if (fault.minSdk !== undefined && state.sdk < fault.minSdk) {
		throw new RangeError(`fault "${fault.id}" needs Android API ${fault.minSdk}, profile ${state.profile} has ${state.sdk}`);
	}
	return {
		...fault.change(state, parameters),
		faults: [...state.faults, text],
	};
}

export type { ScriptedEvent };
