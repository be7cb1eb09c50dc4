import type { Handset } from "../handset.ts";
import type { InstalledPackage } from "../handset-state.ts";
import { componentInfo } from "./android-text.ts";
import { type Command, out } from "./command.ts";
import { deviceidle } from "./deviceidle.ts";
import { alarms, jobs, lockTask } from "./dumpsys-scheduled.ts";

/** `dumpsys SERVICE [ARGS]`. Reading needs only DUMP, which Xiaomi's gate leaves alone. */
export const dumpsys: Command = (phone, argv, stdin) => {
	const [name = "", ...args] = argv.slice(1);
	if (!phone.booted) return out(`Can't find service: ${name}`);
	switch (name) {
		case "account":
			return out(...account(phone));
		case "activity":
			return out(...lockTask(phone));
		case "alarm":
			return out(...alarms(phone));
		case "jobscheduler":
			return out(...jobs(phone, args[0]));
		case "battery":
			return out(...battery(phone));
		case "device_policy":
			return out(...devicePolicy(phone));
		case "deviceidle":
			return deviceidle(phone, ["deviceidle", ...args], stdin);
		case "package":
			return out(...packages(phone, args));
		case "user":
			return out(...user(phone));
		case "window":
			return out("WINDOW MANAGER POLICY STATE (dumpsys window policy)", "    isStatusBarKeyguard=false", "    mAwake=true");
		case "power":
			return out("POWER MANAGER (dumpsys power)", "  mWakefulness=Awake");
		case "iphonesubinfo":
			return out("Phone Subscriber Info:", "  Phone Type = GSM", "  Device ID = null");
		default:
			return out(`Can't find service: ${name}`);
	}
};

/** What the policy of each control is called in Android; the others are no user restrictions. */
const RESTRICTION_NAMES: Readonly<Record<string, string>> = {
	addUser: "no_add_user",
	dateAndTime: "no_config_date_time",
	debugging: "no_debugging_features",
	factoryReset: "no_factory_reset",
	outgoingCalls: "no_outgoing_calls",
	safeMode: "no_safe_boot",
};

function user(phone: Handset): string[] {
	const policies = phone.state.restrictions.flatMap((control) => RESTRICTION_NAMES[control] ?? []);
	const listed = (names: readonly string[]) => (names.length > 0 ? names : ["none"]).map((name) => `      ${name}`);
	return [
		"Current user: 0",
		"Users:",
		...phone.state.users.flatMap(({ id, name, flags, running }) => [
			`  UserInfo{${id}:${name}:${flags}} serialNo=${id} isPrimary=${id === 0}`,
			`    State: ${running ? "RUNNING_UNLOCKED" : "-1"}`,
			"    Created: <unknown>",
			"    Restrictions:",
			...listed([]),
			"    Device policy global restrictions:",
			...listed(id === 0 ? policies : []),
			"    Device policy local restrictions:",
			...listed([]),
			"    Effective restrictions:",
			...listed(policies),
			"",
		]),
	];
}

function account(phone: Handset): string[] {
	return phone.state.users.flatMap((user) => {
		const own = phone.state.accounts.filter((candidate) => candidate.user === user.id);
		return [
			`User UserInfo{${user.id}:${user.name}:${user.flags}}:`,
			`  Accounts: ${own.length}`,
			...own.map(({ name, type }) => `    Account {name=${name}, type=${type}}`),
			"",
			"  AccountId, Action_Type, timestamp, UID, TableName, Key",
			"  Accounts History",
			"",
			"  Active Sessions: 0",
			"",
			"  RegisteredServicesCache: 1 services",
			"    ServiceInfo: AuthenticatorDescription {type=com.xiaomi}, ComponentInfo{com.xiaomi.account/com.xiaomi.account.accounts.AccountAuthenticatorService}, uid 10060",
			"",
		];
	});
}

function battery(phone: Handset): string[] {
	const { level, temperatureTenths } = phone.state.battery;
	return [
		"Current Battery Service state:",
		"  AC powered: false",
		"  USB powered: true",
		"  Wireless powered: false",
		"  Max charging current: 500000",
		"  Max charging voltage: 5000000",
		"  Charge counter: 4350000",
		"  status: 2",
		"  health: 2",
		"  present: true",
		`  level: ${level}`,
		"  scale: 100",
		"  voltage: 4203",
		`  temperature: ${temperatureTenths}`,
		"  technology: Li-poly",
	];
}

/** The owner's block as Android 11 prints it, the only place to read it there. */
function devicePolicy(phone: Handset): string[] {
	const { deviceOwner, profileOwners, activeAdmins } = phone.state;
	return [
		"Current Device Policy Manager state:",
		...(deviceOwner === undefined
			? []
			: [
					"  Device Owner: ",
					`    admin=${componentInfo(deviceOwner)}`,
					"    name=",
					`    package=${deviceOwner.split("/")[0] ?? ""}`,
					"    isOrganizationOwnedDevice=true",
					"    User ID: 0",
				]),
		...Object.entries(profileOwners).flatMap(([user, owner]) => [
			`  Profile Owner (User ${user}): `,
			`    admin=${componentInfo(owner)}`,
			"    name=",
			`    package=${owner.split("/")[0] ?? ""}`,
		]),
		"",
		`  Enabled Device Admins (User 0, provisioningState: ${deviceOwner === undefined ? 0 : 3}):`,
		...activeAdmins.flatMap((admin) => [`    ${admin}:`, `      uid=${phone.package(admin.split("/")[0] ?? "")?.uid ?? 0}`]),
		"",
		"    mPasswordOwner=-1",
		...(deviceOwner === undefined ? [] : [`  Restrictions of ${deviceOwner}: ${phone.state.restrictions.length}`]),
	];
}

function packages(phone: Handset, args: readonly string[]): string[] {
	const name = args.find((word) => !word.startsWith("-"));
	const found = name === undefined ? undefined : phone.package(name);
	if (name !== undefined && !found) {
		return ["Dexopt state:", `  Unable to find package: ${name}`, "", "", "Compiler stats:", `  Unable to find package: ${name}`];
	}
	if (!found) return Object.values(phone.state.packages).flatMap(packageBlock);
	const compiled = found.system ? "speed-profile" : "verify";
	return [
		"Dexopt state:",
		`  [${found.packageName}]`,
		`    path: ${found.codePath}`,
		`      arm64: [status=${compiled}] [reason=install] [primary-abi]`,
		"",
		"Packages:",
		...packageBlock(found),
		"",
		"Queries:",
		"  system apps queryable: false",
	];
}

function packageBlock(found: InstalledPackage): string[] {
	const flags = [
		...(found.system ? ["SYSTEM"] : []),
		...(found.debuggable ? ["DEBUGGABLE"] : []),
		"HAS_CODE",
		...(found.testOnly ? ["TEST_ONLY"] : []),
	].join(" ");
	return [
		`  Package [${found.packageName}] (${found.uid.toString(16)}):`,
		`    userId=${found.uid}`,
		`    pkg=Package{${found.uid.toString(16)}f00 ${found.packageName}}`,
		`    codePath=${found.codePath.replace(/\/[^/]*$/, "")}`,
		`    versionCode=${found.versionCode} minSdk=${found.minSdk} targetSdk=${found.targetSdk}`,
		`    versionName=${found.versionName}`,
		// The system prints a hash code of the certificate and not its digest: no proof of who signed.
		`    signatures=PackageSignatures{${found.uid.toString(16)} version:3, signatures:[${(found.signerSha256[0] ?? "").slice(0, 8)}], past signatures:[]}`,
		`    flags=[ ${flags} ]`,
		`    firstInstallTime=${date(found.firstInstallMs)}`,
		`    lastUpdateTime=${date(found.lastUpdateMs)}`,
		"    installerPackageName=null",
		`    User 0: ceDataInode=${found.uid * 7} installed=true hidden=false suspended=false distractionFlags=0 stopped=false notLaunched=false enabled=${found.enabled ? 0 : 3} instant=false virtual=false`,
		"      runtime permissions:",
		...found.granted.map((permission) => `        ${permission}: granted=true, flags=[ USER_SET ]`),
	];
}

function date(ms: number): string {
	return new Date(ms).toISOString().slice(0, 19).replace("T", " ");
}
