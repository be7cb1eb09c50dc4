import { plainLine } from "./plain-text.ts";

/** The system software and what it says of its own integrity. `undefined` and `unknown`: the phone did not tell. */
export interface BuildFacts {
	/** `MIUI 14`, `HyperOS 2`; `undefined` on a phone that is neither. */
	readonly system: string | undefined;
	/** Such as `OS2.0.8.0.VMUINXM`. */
	readonly incremental: string | undefined;
	/** Such as `IN`, `EEA`, `global`: as the build names it. */
	readonly region: string | undefined;
	/** Such as `15`. */
	readonly android: string | undefined;
	/** API level; 30 is Android 11. */
	readonly sdk: number | undefined;
	/** Security patch level, `YYYY-MM-DD`. */
	readonly patch: string | undefined;
	readonly fingerprint: string | undefined;
	readonly bootloader: "locked" | "unlocked" | "unknown";
	readonly bootState: "green" | "yellow" | "orange" | "red" | "unknown";
	/** Where the build contradicts itself, in words; empty is good. */
	readonly contradictions: readonly string[];
}

const MAX_VALUE = 128;

/** A property's value on one line, bounded; `undefined` if it is empty or absent. */
export function property(props: ReadonlyMap<string, string>, name: string): string | undefined {
	const value = plainLine(props.get(name) ?? "", MAX_VALUE);
	return value === "" ? undefined : value;
}

/**
 * Reads `getprop`: `[ro.serialno]: [abc]`. A value may span lines; the last of a name counts. Line by line and not by one pattern: a
 * phone that opens values and closes none would have each of them looked for to the end.
 */
export function readProps(text: string): ReadonlyMap<string, string> {
	const props = new Map<string, string>();
	let open: { readonly name: string; readonly lines: string[] } | undefined;
	for (const line of text.split("\n")) {
		const [, name, first] = open ? [] : (/^\[([^\]]{1,256})\]: \[(.*)$/s.exec(line) ?? []);
		if (name !== undefined) open = { name, lines: [] };
		const part = first ?? line;
		if (!open) continue;
		if (!part.endsWith("]")) {
			open.lines.push(part);
			continue;
		}
		props.set(open.name, [...open.lines, part.slice(0, -1)].join("\n"));
		open = undefined;
	}
	return props;
}

export function readBuild(props: ReadonlyMap<string, string>): BuildFacts {
	const get = (name: string) => property(props, name);
	const sdk = Number(get("ro.build.version.sdk"));
	const patch = get("ro.build.version.security_patch");
	return {
		system: systemOf(get("ro.mi.os.version.name"), get("ro.miui.ui.version.name")),
		incremental: get("ro.mi.os.version.incremental") ?? get("ro.build.version.incremental"),
		region: get("ro.miui.build.region") ?? get("ro.miui.region"),
		android: get("ro.build.version.release"),
		sdk: Number.isInteger(sdk) && sdk > 0 && sdk < 1000 ? sdk : undefined,
		patch: patch !== undefined && /^\d{4}-\d{2}-\d{2}$/.test(patch) ? patch : undefined,
		fingerprint: get("ro.build.fingerprint"),
		bootloader: bootloaderOf(get),
		bootState: bootStateOf(get("ro.boot.verifiedbootstate")),
		contradictions: contradictionsOf(get),
	};
}

/** HyperOS 1 still calls itself MIUI V816. */
function systemOf(hyperOs: string | undefined, miui: string | undefined): string | undefined {
	const major = /^OS(\d+)/.exec(hyperOs ?? "")?.[1] ?? (miui === "V816" ? "1" : undefined);
	if (major !== undefined) return `HyperOS ${major}`;
	const version = /^V(\d{2})/.exec(miui ?? "")?.[1];
	return version === undefined ? undefined : `MIUI ${version}`;
}

type Get = (name: string) => string | undefined;

/** `ro.boot.vbmeta.device_state` is what MIUI itself looks at. One witness for "unlocked" is enough. */
function bootloaderOf(get: Get): BuildFacts["bootloader"] {
	const witnesses = [
		get("ro.boot.vbmeta.device_state"),
		get("ro.secureboot.lockstate"),
		{ "0": "unlocked", "1": "locked" }[get("ro.boot.flash.locked") ?? ""],
	];
	if (witnesses.includes("unlocked")) return "unlocked";
	return witnesses.includes("locked") ? "locked" : "unknown";
}

function bootStateOf(text: string | undefined): BuildFacts["bootState"] {
	return text === "green" || text === "yellow" || text === "orange" || text === "red" ? text : "unknown";
}

/** Regions of a build, from the two letters before the channel: `..RMIXM` Global, `..UINXM` India. */
const REGION_LETTERS: Readonly<Record<string, string>> = {
	CN: "cn",
	MI: "global",
	EU: "eea",
	IN: "in",
	RU: "ru",
	ID: "id",
	TR: "tr",
	TW: "tw",
	JP: "jp",
};

function contradictionsOf(get: Get): string[] {
	const found: string[] = [];
	const fingerprint = get("ro.build.fingerprint");
	const incremental = get("ro.build.version.incremental");
	const release = get("ro.build.version.release");
	if (/\btest-keys\b/.test(`${fingerprint} ${get("ro.build.tags")}`)) found.push("built with test keys");
	if (get("ro.debuggable") === "1" || /:(?:userdebug|eng)\//.test(fingerprint ?? "")) found.push("a build for debugging");
	if (fingerprint !== undefined && incremental !== undefined && !fingerprint.includes(`/${incremental}:`)) {
		found.push("the fingerprint is of another build than the version");
	}
	if (fingerprint !== undefined && release !== undefined && !fingerprint.includes(`:${release}/`)) {
		found.push("the fingerprint is of another Android than the version");
	}
	// Letter of the Android version, two of the device, two of the region, two of the channel.
	const letters = /\.[A-Z][A-Z]{2}([A-Z]{2})[A-Z]{2}$/.exec(incremental ?? "")?.[1];
	const region = REGION_LETTERS[letters ?? ""];
	const named = get("ro.miui.build.region")?.toLowerCase();
	if (region !== undefined && named !== undefined && named !== region && !(region === "eea" && named === "eu")) {
		found.push("version and region disagree");
	}
	// China hardware with another region's system is the usual made-up "global" phone.
	const hardwareIsChina = get("ro.boot.hwc")?.toUpperCase() === "CN";
	if (hardwareIsChina && region !== undefined && region !== "cn") found.push("China hardware with another region's system");
	return found;
}
