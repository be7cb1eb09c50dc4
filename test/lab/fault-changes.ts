import type { FaultCode } from "../../provisioning/handset/fault-codes.ts";
import type { Fault, FaultParameters } from "./faults.ts";
import type {
	HandsetAccount,
	HandsetState,
	HandsetUser,
	InstalledPackage,
	OwnerQuirk,
	Quirks,
	ScriptedEvent,
	Trigger,
} from "./handset-state.ts";

/** How a handset is before and after a fault was put into it. */
export type Change = (state: HandsetState, parameters?: FaultParameters) => HandsetState;

export function quirk(quirks: Quirks): Change {
	return (state) => ({ ...state, quirks: { ...state.quirks, ...quirks } });
}

export function props(changed: Readonly<Record<string, string>>): Change {
	return (state) => ({ ...state, props: { ...state.props, ...changed } });
}

export function installFails(text: string, afterMs = 0): Change {
	return quirk({ installFailure: { text, afterMs } });
}

export function firstImei(change: (imei: string) => string): Change {
	return (state) => ({
		...state,
		telephony: {
			...state.telephony,
			imeis: state.telephony.imeis.map((imei, slot) => (slot === 0 ? change(imei) : imei)),
		},
	});
}

export function foreignOwner(component: string): Change {
	return (state) => ({
		...withAdminPackage(state, component),
		deviceOwner: component,
		activeAdmins: [...state.activeAdmins, component],
	});
}

export function profileOwner(component: string): Change {
	return (state) => ({
		...withAdminPackage(state, component),
		profileOwners: { ...state.profileOwners, "0": component },
		activeAdmins: [...state.activeAdmins, component],
	});
}

/** Another agent package on the phone than the one to be installed. */
export function olderAgent(differs: Partial<InstalledPackage>): Change {
	return (state) => {
		const base = adminPackage("dev.holdfast.agent", ".AdminReceiver", state);
		return {
			...state,
			packages: {
				...state.packages,
				[base.packageName]: { ...base, ...differs },
			},
		};
	};
}

function withAdminPackage(state: HandsetState, component: string): HandsetState {
	const [packageName = "", receiver = ""] = component.split("/");
	return {
		...state,
		packages: {
			...state.packages,
			[packageName]: adminPackage(packageName, receiver, state),
		},
	};
}

function adminPackage(packageName: string, receiver: string, state: HandsetState): InstalledPackage {
	return {
		packageName,
		versionCode: 7,
		versionName: "0.0.7",
		minSdk: 26,
		targetSdk: 34,
		testOnly: false,
		debuggable: false,
		system: false,
		signerSha256: ["5a".repeat(32)],
		receivers: [
			{
				name: receiver.startsWith(".") ? packageName + receiver : receiver,
				permission: "android.permission.BIND_DEVICE_ADMIN",
			},
		],
		providers: [],
		uid: 10_300,
		codePath: `/data/app/~~c3RyYW5nZXI==/${packageName}-b3RoZXI==/base.apk`,
		firstInstallMs: state.bootedAtMs,
		lastUpdateMs: state.bootedAtMs,
		enabled: true,
		granted: [],
	};
}

export function accounts(id: string, summary: string, account: Omit<HandsetAccount, "user">): Fault {
	return {
		id,
		summary,
		code: "DPM_ACCOUNTS_PRESENT",
		seenBy: "doctor",
		change: (state) => ({
			...state,
			accounts: [...state.accounts, { user: 0, ...account }],
		}),
	};
}

export function users(id: string, summary: string, user: Omit<HandsetUser, "running">): Fault {
	return {
		id,
		summary,
		code: "DPM_USERS_PRESENT",
		seenBy: "doctor",
		change: (state) => ({
			...state,
			users: [...state.users, { ...user, running: true }],
		}),
	};
}

export function bootState(colour: string, summary: string): Fault {
	return {
		id: `boot-state-${colour}`,
		summary,
		code: "BOOT_STATE_BAD",
		seenBy: "doctor",
		change: props({ "ro.boot.verifiedbootstate": colour }),
	};
}

export function fingerprint(id: string, summary: string, changed: Readonly<Record<string, string>>): Fault {
	return {
		id,
		summary,
		code: "FINGERPRINT_MISMATCH",
		seenBy: "doctor",
		change: props(changed),
	};
}

/**
 * Refusals of the device policy manager. They last until `clearsAfterMs` after the first one; 0 means until the next boot
 * for what a boot cures, and for ever for the rest.
 */
export function ownerRefuses(owner: OwnerQuirk, summary: string, code: FaultCode): Fault {
	return {
		id: `owner-${owner}`,
		summary,
		code,
		seenBy: "enroll",
		parameters: { clearsAfterMs: 0 },
		change: (state, parameters) => {
			const clearsAfterMs = Number(parameters?.clearsAfterMs ?? 0);
			return quirk({
				owner,
				...(clearsAfterMs > 0 ? { ownerClearsAfterMs: clearsAfterMs } : {}),
			})(state);
		},
	};
}

/** Something that happens by itself. An `atCommand` trigger can be moved: `unplug:atCommand=12`. */
export function event(
	id: string,
	summary: string,
	code: FaultCode,
	seenBy: Fault["seenBy"],
	when: Trigger,
	what: ScriptedEvent["what"] = "unplug",
	alsoSeen: readonly FaultCode[] = [],
): Fault {
	return {
		id,
		summary,
		code,
		seenBy,
		...(alsoSeen.length > 0 ? { alsoSeen } : {}),
		...("atCommand" in when ? { parameters: { atCommand: when.atCommand } } : {}),
		change: (state, parameters) => {
			const moved = parameters?.atCommand;
			const at = moved === undefined ? when : { atCommand: Number(moved) };
			return quirk({
				events: [...(state.quirks.events ?? []), { when: at, what }],
			})(state);
		},
	};
}
