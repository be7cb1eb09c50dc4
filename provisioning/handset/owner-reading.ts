import { classifyDpm } from "./dpm-faults.ts";
import { type Fault, fault } from "./fault.ts";
import { plainLine } from "./plain-text.ts";
import type { ShellResult } from "./port.ts";

/** An app in charge of the phone or of a user. */
export interface Owner {
	/** `package/.Receiver`, in its short form. */
	readonly component: string;
}

/** Who is in charge, as far as the phone tells. */
export interface OwnerReading {
	/** Device owner; `undefined` if there is none, or if {@link fault} says that it could not be read. */
	readonly deviceOwner?: Owner;
	/** Profile owner of user 0. */
	readonly profileOwner?: Owner;
	readonly fault?: Fault;
}

const MAX_COMPONENT = 256;

/** Command that tells the owners: Android 12 has `dpm list-owners`, older ones tell it in the service's dump only. */
export function ownerCommand(sdk: number | undefined): readonly string[] {
	return sdk !== undefined && sdk <= 30 ? ["dumpsys", "device_policy"] : ["dpm", "list-owners"];
}

/** Reads what {@link ownerCommand} printed, either form. Anything that is not clearly an answer is a fault, never "none". */
export function readOwnerAnswer(result: ShellResult): OwnerReading {
	const text = result.stdout.replaceAll("\r", "");
	if (/^[ \t]*Current Device Policy Manager state:/m.test(text)) return readDump(text);
	if (/^no owners\s*$/m.test(text)) return {};
	if (/^\d+ owners?:/m.test(text)) return readList(text);
	const code = classifyDpm(result) ?? "UNCLASSIFIED";
	return {
		fault: fault(code, {
			raw: `${result.stdout}\n${result.stderr}`,
			details: { asked: "who owns the phone" },
		}),
	};
}

/** `User  0: admin=com.uyen.launcher/.receiver.UyenDeviceAdminReceiver,DeviceOwner,Affiliated` */
function readList(text: string): OwnerReading {
	const rows = [...text.matchAll(/^User\s+(\d+): admin=([^,\s]+)((?:,[^,\n]*)*)\s*$/gm)];
	const find = (role: string, user?: string) =>
		rows.find(
			(row) => (row[3] ?? "").split(",").some((word) => word.trim().startsWith(role)) && (user === undefined || row[1] === user),
		);
	return reading(find("DeviceOwner")?.[2], find("ProfileOwner", "0")?.[2] ?? find("ManagedProfileOwner", "0")?.[2]);
}

/** `Device Owner:` and `Profile Owner (User 0):`, each followed by an indented `admin=ComponentInfo{...}`. */
function readDump(text: string): OwnerReading {
	const admin = (heading: RegExp) => {
		const at = heading.exec(text);
		return at ? /^\s*admin=ComponentInfo\{([^}\n]*)\}/.exec(text.slice(at.index + at[0].length))?.[1] : undefined;
	};
	return reading(admin(/^[ \t]*Device Owner:[ \t]*$/m), admin(/^[ \t]*Profile Owner \(User 0\):[ \t]*$/m));
}

function reading(deviceOwner: string | undefined, profileOwner: string | undefined): OwnerReading {
	return {
		...(deviceOwner === undefined ? {} : { deviceOwner: { component: shortComponent(deviceOwner) } }),
		...(profileOwner === undefined ? {} : { profileOwner: { component: shortComponent(profileOwner) } }),
	};
}

/** `p/p.Recv` as `p/.Recv` (ComponentName.flattenToShortString). */
export function shortComponent(component: string): string {
	const [packageName = "", name = ""] = plainLine(component, MAX_COMPONENT).split("/");
	return name.startsWith(`${packageName}.`) ? `${packageName}/${name.slice(packageName.length)}` : `${packageName}/${name}`;
}
