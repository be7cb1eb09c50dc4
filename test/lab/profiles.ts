import type { Telephony } from "./handset-state.ts";

/** One build of one model as it leaves the factory. Data only: what a phone says follows from it. */
export interface Profile {
	readonly id: string;
	/** For people: model and system. */
	readonly summary: string;
	/** Android API level. */
	readonly sdk: number;
	readonly android: string;
	/** `MIUI 14`, `HyperOS 2`, ... */
	readonly system: string;
	readonly region: "Global" | "IN" | "ID" | "EEA" | "CN";
	readonly sims: 1 | 2;
	readonly model: string;
	readonly marketName: string;
	readonly device: string;
	/** `ro.build.version.incremental`: its letters say Android, device, region and channel. */
	readonly incremental: string;
	readonly securityPatch: string;
	readonly buildId: string;
	/** `ro.miui.ui.version.name`. HyperOS 1 still says V816. */
	readonly miui: string;
	/** `ro.mi.os.version.name`; absent on MIUI. */
	readonly hyperOs?: string;
	readonly hwc: string;
	/** Type allocation code: the first eight digits of every IMEI of the model. Not one that was ever given out. */
	readonly tac: string;
	/** Which identifier properties this build fills in. On newer builds unproven, so the profiles differ on purpose. */
	readonly imeiProps: Telephony["imeiProps"];
}

const ALL_IMEI_PROPS = ["ro.ril.miui.imei", "ro.ril.oem.imei", "persist.radio.imei"] as const;

/** Every profile. A new phone is a new row; nothing else needs to know. */
export const PROFILES: readonly Profile[] = [
	{
		id: "miui13-a11-in",
		summary: "Redmi 10, MIUI 13 on Android 11, India",
		sdk: 30,
		android: "11",
		system: "MIUI 13",
		region: "IN",
		sims: 2,
		model: "21061119AL",
		marketName: "Redmi 10 Prime",
		device: "selene",
		incremental: "V13.0.6.0.RKUINXM",
		securityPatch: "2025-11-01",
		buildId: "RP1A.200720.011",
		miui: "V130",
		hwc: "India",
		tac: "86940100",
		imeiProps: ALL_IMEI_PROPS,
	},
	{
		id: "miui13-a12-global",
		summary: "Redmi Note 11, MIUI 13 on Android 12, Global",
		sdk: 31,
		android: "12",
		system: "MIUI 13",
		region: "Global",
		sims: 2,
		model: "2201117TY",
		marketName: "Redmi Note 11",
		device: "spes",
		incremental: "V13.0.5.0.SGCMIXM",
		securityPatch: "2025-12-01",
		buildId: "SKQ1.211103.001",
		miui: "V130",
		hwc: "Global",
		tac: "86940200",
		imeiProps: ALL_IMEI_PROPS,
	},
	{
		id: "miui14-a12-id",
		summary: "POCO C40, MIUI 14 on Android 12, Indonesia, one SIM",
		sdk: 32,
		android: "12",
		system: "MIUI 14",
		region: "ID",
		sims: 1,
		model: "220333QPG",
		marketName: "POCO C40",
		device: "frost",
		incremental: "V14.0.2.0.SGFIDXM",
		securityPatch: "2026-01-01",
		buildId: "SKQ1.220119.001",
		miui: "V140",
		hwc: "Indonesia",
		tac: "86940300",
		imeiProps: ["ro.ril.miui.imei", "ro.ril.oem.imei"],
	},
	{
		id: "miui14-a13-eea",
		summary: "Redmi Note 12, MIUI 14 on Android 13, EEA",
		sdk: 33,
		android: "13",
		system: "MIUI 14",
		region: "EEA",
		sims: 2,
		model: "23021RAA2Y",
		marketName: "Redmi Note 12",
		device: "tapas",
		incremental: "V14.0.6.0.TMTEUXM",
		securityPatch: "2026-02-01",
		buildId: "TKQ1.221114.001",
		miui: "V140",
		hwc: "Global",
		tac: "86940400",
		imeiProps: ["ro.ril.miui.imei", "ro.ril.oem.imei"],
	},
	{
		id: "miui14-a13-cn",
		summary: "Redmi Note 12 Turbo, MIUI 14 on Android 13, China",
		sdk: 33,
		android: "13",
		system: "MIUI 14",
		region: "CN",
		sims: 2,
		model: "23049RAD8C",
		marketName: "Redmi Note 12 Turbo",
		device: "marble",
		incremental: "V14.0.28.0.TMRCNXM",
		securityPatch: "2026-02-01",
		buildId: "TKQ1.221114.001",
		miui: "V140",
		hwc: "CN",
		tac: "86940500",
		imeiProps: ALL_IMEI_PROPS,
	},
	{
		id: "hyperos1-a13-id",
		summary: "Redmi 12C, HyperOS 1 on Android 13, Indonesia",
		sdk: 33,
		android: "13",
		system: "HyperOS 1",
		region: "ID",
		sims: 2,
		model: "22120RN86G",
		marketName: "Redmi 12C",
		device: "earth",
		incremental: "OS1.0.6.0.TCVIDXM",
		securityPatch: "2026-03-01",
		buildId: "TP1A.220624.014",
		miui: "V816",
		hyperOs: "OS1",
		hwc: "Indonesia",
		tac: "86940600",
		imeiProps: ["ro.ril.miui.imei", "ro.ril.oem.imei"],
	},
	{
		id: "hyperos1-a14-in",
		summary: "Xiaomi 13T Pro, HyperOS 1 on Android 14, India",
		sdk: 34,
		android: "14",
		system: "HyperOS 1",
		region: "IN",
		sims: 2,
		model: "23078PND5G",
		marketName: "Xiaomi 13T Pro",
		device: "corot",
		incremental: "V816.0.2.0.UMLINXM",
		securityPatch: "2026-05-01",
		buildId: "UP1A.230905.011",
		miui: "V816",
		hyperOs: "OS1",
		hwc: "India",
		tac: "86940700",
		imeiProps: ["ro.ril.miui.imei", "ro.ril.oem.imei"],
	},
	{
		id: "hyperos2-a14-global",
		summary: "Redmi 14C, HyperOS 2 on Android 14, Global",
		sdk: 34,
		android: "14",
		system: "HyperOS 2",
		region: "Global",
		sims: 2,
		model: "2409BRN2CA",
		marketName: "Redmi 14C",
		device: "lake",
		incremental: "OS2.0.4.0.UGTMIXM",
		securityPatch: "2026-07-01",
		buildId: "UP1A.231005.007",
		miui: "V816",
		hyperOs: "OS2",
		hwc: "Global",
		tac: "86940800",
		imeiProps: ["ro.ril.miui.imei"],
	},
	{
		id: "hyperos2-a15-global",
		summary: "Redmi Note 14, HyperOS 2 on Android 15, Global",
		sdk: 35,
		android: "15",
		system: "HyperOS 2",
		region: "Global",
		sims: 2,
		model: "24117RN76G",
		marketName: "Redmi Note 14",
		device: "tanzanite",
		incremental: "OS2.0.105.0.VOGMIXM",
		securityPatch: "2026-08-01",
		buildId: "AP3A.240905.015.A2",
		miui: "V816",
		hyperOs: "OS2",
		hwc: "Global",
		tac: "86941300",
		imeiProps: ["ro.ril.miui.imei"],
	},
	{
		id: "hyperos2-a15-in",
		summary: "Redmi Note 14 5G, HyperOS 2 on Android 15, India",
		sdk: 35,
		android: "15",
		system: "HyperOS 2",
		region: "IN",
		sims: 2,
		model: "24094RAD4I",
		marketName: "Redmi Note 14 5G",
		device: "beryl",
		incremental: "OS2.0.203.0.VOQINXM",
		securityPatch: "2026-08-01",
		buildId: "AP3A.240905.015.A2",
		miui: "V816",
		hyperOs: "OS2",
		hwc: "India",
		tac: "86940900",
		imeiProps: [],
	},
	{
		id: "hyperos2-a15-eea",
		summary: "Xiaomi 14T, HyperOS 2 on Android 15, EEA, one SIM",
		sdk: 35,
		android: "15",
		system: "HyperOS 2",
		region: "EEA",
		sims: 1,
		model: "2406APNFAG",
		marketName: "Xiaomi 14T",
		device: "degas",
		incremental: "OS2.0.102.0.VNEEUXM",
		securityPatch: "2026-08-01",
		buildId: "AP3A.240617.008",
		miui: "V816",
		hyperOs: "OS2",
		hwc: "Global",
		tac: "86941000",
		imeiProps: ["ro.ril.miui.imei"],
	},
	{
		id: "hyperos3-a16-global",
		summary: "Redmi 15C, HyperOS 3 on Android 16, Global",
		sdk: 36,
		android: "16",
		system: "HyperOS 3",
		region: "Global",
		sims: 2,
		model: "25078RA3EA",
		marketName: "Redmi 15C",
		device: "dew",
		incremental: "OS3.0.4.0.WGLMIXM",
		securityPatch: "2026-10-01",
		buildId: "BP2A.250605.031.A3",
		miui: "V816",
		hyperOs: "OS3",
		hwc: "Global",
		tac: "86941100",
		imeiProps: [],
	},
	{
		id: "hyperos3-a16-cn",
		summary: "Redmi K70, HyperOS 3 on Android 16, China",
		sdk: 36,
		android: "16",
		system: "HyperOS 3",
		region: "CN",
		sims: 2,
		model: "23113RKC6C",
		marketName: "Redmi K70",
		device: "vermeer",
		incremental: "OS3.0.304.0.WNKCNXM",
		securityPatch: "2026-10-01",
		buildId: "BP2A.250605.031.A3",
		miui: "V816",
		hyperOs: "OS3",
		hwc: "CN",
		tac: "86941200",
		imeiProps: ["ro.ril.miui.imei"],
	},
];

/** What a handset is when nobody says. */
export const DEFAULT_PROFILE = "hyperos2-a15-in";

/** @throws {RangeError} naming the profiles there are. */
export function profileNamed(id: string): Profile {
	const found = PROFILES.find((profile) => profile.id === id);
	if (!found) throw new RangeError(`no profile "${id}": there are ${PROFILES.map((profile) => profile.id).join(", ")}`);
	return found;
}
