/** A package as the package manager knows it. */
export interface InstalledPackage {
	readonly packageName: string;
	readonly versionCode: number;
	readonly versionName: string;
	readonly minSdk: number;
	readonly targetSdk: number;
	readonly testOnly: boolean;
	readonly debuggable: boolean;
	/** Part of the system image: cannot be uninstalled, only disabled. */
	readonly system: boolean;
	/** SHA-256 of the signing certificates, lower-case hex; empty when it matches whoever signs the next version. */
	readonly signerSha256: readonly string[];
	readonly receivers: readonly {
		readonly name: string;
		readonly permission?: string;
	}[];
	readonly providers: readonly {
		readonly name: string;
		readonly authorities: string;
	}[];
	readonly uid: number;
	/** Path of the APK on the phone. */
	readonly codePath: string;
	/** Virtual time of the first install and of the last update, Unix milliseconds. */
	readonly firstInstallMs: number;
	readonly lastUpdateMs: number;
	readonly enabled: boolean;
	readonly granted: readonly string[];
}

/** One user of the phone; `flags` is the hex word that `pm list users` prints. */
export interface HandsetUser {
	readonly id: number;
	readonly name: string;
	readonly flags: string;
	readonly running: boolean;
}

export interface HandsetAccount {
	readonly user: number;
	readonly name: string;
	readonly type: string;
}

/** The two identifier sources of a modem: what is soldered in, and how the phone answers when asked. */
export interface Telephony {
	/** In slot order. */
	readonly imeis: readonly string[];
	/** System properties that carry the IMEIs on this build; see xiaomi builds: many, or none on newer ones. */
	readonly imeiProps: readonly ("ro.ril.miui.imei" | "ro.ril.oem.imei" | "persist.radio.imei")[];
	/** How `service call iphonesubinfo` answers. `absent`: the service does not know the transaction. */
	readonly subscriberInfo: "answers" | "refuses" | "absent";
	/** IMEIs that the agent reads, where they differ from what the shell reads. */
	readonly agentReads?: readonly string[];
}

/** When a scripted event happens: at the nth command since it was armed, or when a command's text contains a phrase. */
export type Trigger = { readonly atCommand: number } | { readonly beforeCommand: string } | { readonly afterCommand: string };

/** Something that happens to the cable or the phone by itself, once. */
export interface ScriptedEvent {
	readonly when: Trigger;
	readonly what: "unplug" | "freeze" | "reboot" | "swap" | "security-toggle-off";
}

/** How the device policy manager misbehaves; texts in userland/dpm.ts. */
export type OwnerQuirk =
	| "accounts-cached"
	| "refused-silently"
	| "caller"
	| "oem-rule"
	| "unknown-admin"
	| "bad-admin"
	| "admin-removing"
	| "not-active"
	| "dead-object"
	| "old-options"
	| "service-down";

/** How the agent behind the cable misbehaves. */
export type AgentQuirk = "absent" | "rubbish" | "refuses" | "false-receipt" | "bound-elsewhere" | "gone-after-boot" | "dies";

/** Misbehaviour that is not a fact of the phone but a way it answers. Everything here comes from faults. */
export interface Quirks {
	/** Why the next installs fail, in `Failure [...]`; `afterMs` is how long the dialog stands. */
	readonly installFailure?: { readonly text: string; readonly afterMs: number };
	/** Standard input of commands is read at this many bytes per second. */
	readonly cableBytesPerSecond?: number;
	/** The install stream is not read any further after this many bytes. */
	readonly installStallsAtByte?: number;
	readonly owner?: OwnerQuirk;
	/** The owner quirk goes away after this many milliseconds from the first refusal; absent: at the next boot, if ever. */
	readonly ownerClearsAfterMs?: number;
	readonly agent?: AgentQuirk;
	/** adb runs as root, as after `adb root`: not the caller that the agent knows. */
	readonly adbRoot?: true;
	/** The toggle's property says on, the gate behind it is closed. */
	readonly securityGateStuck?: boolean;
	/** `clearDeviceOwnerApp` does nothing. */
	readonly ownershipSticks?: boolean;
	/** Uninstalling the agent is refused although it owns nothing any more. */
	readonly uninstallRefusal?: string;
	/** Restrictions that cannot be applied, or cannot be lifted. */
	readonly controlIgnored?: {
		readonly control: string;
		readonly direction: "apply" | "lift";
	};
	/** What the shell posts never reaches the shade. */
	readonly notificationsSilenced?: true;
	/** The wizard's trade-in mode: nothing answers but `tradeinmode`. */
	readonly foyer?: boolean;
	/** The boot animation never ends. */
	readonly neverBoots?: boolean;
	/** adbd's side of the link: tier 1 plays the key dialog, both play the silent one. */
	readonly link?: "denied" | "ignored" | "silent";
	readonly events?: readonly ScriptedEvent[];
}

/** Everything a handset remembers over a reboot. Plain JSON; replaced as a whole, never mutated. */
export interface HandsetState {
	readonly format: 1;
	readonly profile: string;
	readonly faults: readonly string[];
	readonly serial: string;
	/** IMEIs as printed on the box, in slot order; what the modem says may differ. */
	readonly boxImeis: readonly string[];
	/** Android API level: 30 is Android 11. Governs every text. */
	readonly sdk: number;
	readonly props: Readonly<Record<string, string>>;
	readonly features: readonly string[];
	readonly telephony: Telephony;
	readonly packages: Readonly<Record<string, InstalledPackage>>;
	readonly users: readonly HandsetUser[];
	readonly accounts: readonly HandsetAccount[];
	/** Components, as `package/.Receiver`. */
	readonly deviceOwner?: string;
	readonly profileOwners: Readonly<Record<string, string>>;
	readonly activeAdmins: readonly string[];
	/** package -> op (name or Xiaomi number) -> mode. */
	readonly appOps: Readonly<Record<string, Readonly<Record<string, string>>>>;
	/** Packages that the user, or adb, put on the doze whitelist. */
	readonly dozeWhitelist: readonly string[];
	readonly standbyBuckets: Readonly<Record<string, string>>;
	readonly settings: Readonly<Record<"global" | "secure" | "system", Readonly<Record<string, string>>>>;
	readonly battery: {
		readonly level: number;
		readonly temperatureTenths: number;
	};
	readonly storage: { readonly totalKiB: number; readonly freeKiB: number };
	/** Grows by one at each boot. */
	readonly bootCount: number;
	/** Virtual time of the last boot, Unix milliseconds. */
	readonly bootedAtMs: number;
	/** Changes at each boot, as /proc/sys/kernel/random/boot_id does. */
	readonly bootId: string;
	/** Names of the controls that the agent holds restricted. */
	readonly restrictions: readonly string[];
	readonly quirks: Quirks;
	/** Commands answered since the events were armed. */
	readonly commandCount: number;
	/** Events that have happened, by index in `quirks.events`. */
	readonly eventsDone: readonly number[];
}
