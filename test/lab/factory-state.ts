import type { HandsetState } from "./handset-state.ts";
import type { Profile } from "./profiles.ts";

/** Regions in `ro.miui.build.region` and at the end of an incremental. */
const REGION_PROP: Readonly<Record<Profile["region"], string>> = {
	Global: "global",
	IN: "in",
	ID: "id",
	EEA: "eea",
	CN: "cn",
};
const NAME_SUFFIX: Readonly<Record<Profile["region"], string>> = {
	Global: "_global",
	IN: "_in_global",
	ID: "_id_global",
	EEA: "_eea_global",
	CN: "",
};

/** The properties of a healthy handset of this profile, IMEI properties aside (userland/getprop.ts adds those). */
export function propsOf(profile: Profile, serial: string): Record<string, string> {
	const name = `${profile.device}${NAME_SUFFIX[profile.region]}`;
	const brand = /^POCO/.test(profile.marketName) ? "POCO" : /^Redmi/.test(profile.marketName) ? "Redmi" : "Xiaomi";
	return {
		"persist.security.adbinput": "1",
		"persist.security.adbinstall": "1",
		"persist.sys.miui_optimization": "false",
		"persist.sys.usb.config": "adb",
		"ro.boot.flash.locked": "1",
		"ro.boot.hwc": profile.hwc,
		"ro.boot.serialno": serial,
		"ro.boot.vbmeta.device_state": "locked",
		"ro.boot.verifiedbootstate": "green",
		"ro.build.fingerprint": `${brand}/${name}/${profile.device}:${profile.android}/${profile.buildId}/${profile.incremental}:user/release-keys`,
		"ro.build.id": profile.buildId,
		"ro.build.tags": "release-keys",
		"ro.build.type": "user",
		"ro.build.version.incremental": profile.incremental,
		"ro.build.version.release": profile.android,
		"ro.build.version.sdk": String(profile.sdk),
		"ro.build.version.security_patch": profile.securityPatch,
		"ro.debuggable": "0",
		"ro.miui.build.region": REGION_PROP[profile.region],
		"ro.miui.region": profile.region === "Global" || profile.region === "EEA" ? "MX" : profile.region,
		"ro.miui.ui.version.code": profile.miui === "V816" ? "816" : profile.miui.slice(1, 3),
		"ro.miui.ui.version.name": profile.miui,
		...(profile.hyperOs
			? {
					"ro.mi.os.version.code": profile.hyperOs.slice(2),
					"ro.mi.os.version.incremental": profile.incremental.replace(/^V816\.0/, "OS1.0"),
					"ro.mi.os.version.name": profile.hyperOs,
				}
			: {}),
		"ro.product.brand": brand,
		"ro.product.cpu.abi": "arm64-v8a",
		"ro.product.device": profile.device,
		"ro.product.manufacturer": "Xiaomi",
		"ro.product.marketname": profile.marketName,
		"ro.product.mod_device": name,
		"ro.product.model": profile.model,
		"ro.product.name": name,
		"ro.secure": "1",
		"ro.secureboot.devicelock": "1",
		"ro.secureboot.lockstate": "locked",
		"ro.serialno": serial,
		"sys.oem_unlock_allowed": "0",
	};
}

/** The rest of a healthy handset fresh from the setup wizard, toggles on, no account. */
export function factoryState(
	profile: Profile,
	identity: { readonly serial: string; readonly imeis: readonly string[] },
	boot: { readonly atMs: number; readonly id: string },
): HandsetState {
	return {
		format: 1,
		profile: profile.id,
		faults: [],
		serial: identity.serial,
		boxImeis: identity.imeis,
		sdk: profile.sdk,
		props: propsOf(profile, identity.serial),
		features: [
			"android.hardware.camera",
			"android.hardware.telephony",
			"android.hardware.wifi",
			"android.software.device_admin",
			"android.software.device_id_attestation",
			"android.software.managed_users",
			"android.software.verified_boot",
		],
		telephony: {
			imeis: identity.imeis,
			imeiProps: profile.imeiProps,
			subscriberInfo: "answers",
		},
		packages: Object.fromEntries(
			SYSTEM_PACKAGES.map((packageName, index) => [packageName, systemPackage(packageName, profile, 10_050 + index)]),
		),
		users: [
			{
				id: 0,
				name: "Owner",
				flags: profile.sdk >= 34 ? "4c13" : "c13",
				running: true,
			},
		],
		accounts: [],
		profileOwners: {},
		activeAdmins: [],
		appOps: {},
		dozeWhitelist: [],
		standbyBuckets: {},
		settings: {
			global: {
				adb_enabled: "1",
				airplane_mode_on: "0",
				development_settings_enabled: "1",
				device_name: profile.marketName,
				device_provisioned: "1",
				package_verifier_user_consent: "1",
				verifier_verify_adb_installs: "1",
			},
			secure: {
				android_id: identity.serial.toLowerCase().padStart(16, "0").slice(-16),
				default_input_method: "com.google.android.inputmethod.latin/com.android.inputmethod.latin.LatinIME",
				dialer_default_application: "com.google.android.dialer",
				sms_default_application: "com.google.android.apps.messaging",
				user_setup_complete: "1",
			},
			system: { screen_brightness: "102", screen_off_timeout: "600000" },
		},
		battery: { level: 87, temperatureTenths: 291 },
		storage: { totalKiB: 112_000_000, freeKiB: 86_000_000 },
		bootCount: 1,
		bootedAtMs: boot.atMs,
		bootId: boot.id,
		restrictions: [],
		quirks: {},
		commandCount: 0,
		eventsDone: [],
	};
}

const SYSTEM_PACKAGES = [
	"android",
	"com.android.cellbroadcastreceiver",
	"com.android.phone",
	"com.android.settings",
	"com.android.shell",
	"com.android.systemui",
	"com.android.vending",
	"com.google.android.apps.messaging",
	"com.google.android.dialer",
	"com.google.android.gms",
	"com.google.android.inputmethod.latin",
	"com.miui.home",
	"com.miui.powerkeeper",
	"com.miui.securitycenter",
	"com.xiaomi.account",
	"com.xiaomi.finddevice",
] as const;

function systemPackage(packageName: string, profile: Profile, uid: number): HandsetState["packages"][string] {
	return {
		packageName,
		versionCode: profile.sdk,
		versionName: profile.android,
		minSdk: profile.sdk,
		targetSdk: profile.sdk,
		testOnly: false,
		debuggable: false,
		system: true,
		signerSha256: ["c9009d01ebf9f5d0302bc71b2fe9aa9a47a432bba17308a3111b75d7b2149025"],
		receivers: [],
		providers: [],
		uid: packageName === "com.android.shell" ? 2000 : packageName === "android" ? 1000 : uid,
		codePath: `/system/app/${packageName}/${packageName}.apk`,
		firstInstallMs: 1_230_768_000_000,
		lastUpdateMs: 1_230_768_000_000,
		enabled: true,
		granted: [],
	};
}
