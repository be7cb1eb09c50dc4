import type { Handset } from "../handset.ts";
import type { OwnerQuirk } from "../handset-state.ts";
import { componentInfo, longComponent, noService, programException, serviceException, shortComponent } from "./android-text.ts";
import { type Command, failed, out, type Reply } from "./command.ts";

/** A refusal of the device policy manager, before it is dressed as a version of Android prints it. */
class Refusal extends Error {
	constructor(
		readonly type: "SecurityException" | "IllegalArgumentException" | "IllegalStateException" | "RuntimeException" | "DeadObject",
		message: string,
		/** Frame of `DevicePolicyManagerService` that threw; tells the Xiaomi gate from other faults. */
		readonly frame = "com.android.server.devicepolicy.DevicePolicyManagerService.setDeviceOwner(DevicePolicyManagerService.java:9052)",
	) {
		super(message);
	}
}

const SET_ACTIVE_ADMIN =
	"com.android.server.devicepolicy.DevicePolicyManagerService.setActiveAdmin(DevicePolicyManagerService.java:4165)";
const USAGE = [
	"usage: dpm [subcommand] [options]",
	"usage: dpm set-active-admin [ --user <USER_ID> | current ] <COMPONENT>",
	"usage: dpm set-device-owner [ --user <USER_ID> | current *EXPERIMENTAL* ] [ --name <NAME> ] <COMPONENT>",
	"usage: dpm set-profile-owner [ --user <USER_ID> | current ] [ --name <NAME> ] <COMPONENT>",
	"usage: dpm remove-active-admin [ --user <USER_ID> | current ] [ --name <NAME> ] <COMPONENT>",
	"",
];

/**
 * `dpm` and `cmd device_policy`. Up to Android 11 a program of its own (Dpm.java), from Android 12 on a shell command of the
 * service (DevicePolicyManagerServiceShellCommand.java): other words, other exit codes, final full stops.
 */
export const dpm: Command = (phone, argv) => {
	const [subcommand, ...args] = argv.slice(1);
	const { sdk, quirks } = phone.state;
	if (!phone.booted || (quirks.owner === "service-down" && phone.ownerQuirkHolds())) {
		return sdk <= 30
			? failed(1, "Error: Could not access the Device Policy Manager. Is the system running?\n")
			: noService("device_policy");
	}
	try {
		return run(phone, subcommand, args);
	} catch (error) {
		if (!(error instanceof Refusal)) throw error;
		phone.log("DevicePolicyManager", error.message);
		return print(sdk, subcommand ?? "", error);
	}
};

function run(phone: Handset, subcommand: string | undefined, args: readonly string[]): Reply {
	switch (subcommand) {
		case "set-active-admin": {
			const { component, user } = parse(phone, subcommand, args);
			setActiveAdmin(phone, component, user);
			return out(`Success: Active admin set to component ${printed(phone, component)}`);
		}
		case "set-device-owner":
			return setDeviceOwner(phone, parse(phone, subcommand, args));
		case "remove-active-admin":
			return removeActiveAdmin(phone, parse(phone, subcommand, args).component);
		case "list-owners":
			if (phone.state.sdk >= 31) return listOwners(phone);
			break;
		case undefined:
			if (phone.state.sdk <= 30) return failed(1, `${USAGE.join("\n")}\n`);
			return out("Device policy manager commands:", "  help", "    Prints this help text.");
	}
	if (phone.state.sdk <= 30) throw new Refusal("IllegalArgumentException", `unknown command '${subcommand}'`);
	return failed(255, `Unknown command: ${subcommand}\n`);
}

function parse(phone: Handset, subcommand: string, args: readonly string[]): { component: string; user: number } {
	let user = 0;
	const rest: string[] = [];
	const words = args.values();
	for (const word of words) {
		if (!word.startsWith("--")) {
			rest.push(word);
		} else if (word === "--user" && phone.state.quirks.owner !== "old-options") {
			const value = words.next().value;
			if (value === undefined) throw new Refusal("IllegalArgumentException", 'Argument expected after "--user"');
			user = value === "current" ? 0 : Number(value);
		} else if (word === "--name" && subcommand !== "set-active-admin") {
			words.next();
		} else if (word !== "--device-owner-only") {
			throw new Refusal("IllegalArgumentException", `Unknown option: ${word}`);
		}
	}
	const component = rest[0];
	if (component === undefined) {
		const after = args.at(-1) ?? subcommand;
		throw new Refusal("IllegalArgumentException", `Argument expected after "${after}"`);
	}
	if (!/^[\w.]+\/[\w.$]+$/.test(component)) throw new Refusal("IllegalArgumentException", `Invalid component ${component}`);
	return { component: shortComponent(component), user };
}

/** Up to Android 12 `{pkg/pkg.Recv}`, from 13 on `pkg/.Recv`. */
function printed(phone: Handset, component: string): string {
	return phone.state.sdk >= 33 ? shortComponent(component) : `{${longComponent(component)}}`;
}

function setActiveAdmin(phone: Handset, component: string, user: number): void {
	const info = componentInfo(component);
	if (phone.securityGateClosed) {
		throw phone.state.sdk <= 30
			? new Refusal(
					"SecurityException",
					"Neither user 2000 nor current process has android.permission.MANAGE_DEVICE_ADMINS.",
					"android.app.ContextImpl.enforce(ContextImpl.java:1968)",
				)
			: new Refusal("SecurityException", "Calling identity is not authorized", SET_ACTIVE_ADMIN);
	}
	const quirk = heldQuirk(phone, component);
	const packageName = component.split("/")[0] ?? "";
	const receiver = phone
		.package(packageName)
		?.receivers.find(({ name }) => shortComponent(`${packageName}/${name}`) === component);
	if (!receiver || quirk === "unknown-admin") {
		throw new Refusal("IllegalArgumentException", `Unknown admin: ${info}`, SET_ACTIVE_ADMIN);
	}
	if (quirk === "bad-admin") throw new Refusal("IllegalArgumentException", `Bad admin: ${info}`, SET_ACTIVE_ADMIN);
	if (receiver.permission !== "android.permission.BIND_DEVICE_ADMIN") {
		throw new Refusal(
			"IllegalArgumentException",
			`Component ${longComponent(component)} must be protected with android.permission.BIND_DEVICE_ADMIN`,
			SET_ACTIVE_ADMIN,
		);
	}
	if (quirk === "admin-removing") {
		throw new Refusal("IllegalArgumentException", "Trying to set an admin which is being removed", SET_ACTIVE_ADMIN);
	}
	if (phone.state.activeAdmins.includes(component)) {
		throw new Refusal("IllegalArgumentException", "Admin is already added", SET_ACTIVE_ADMIN);
	}
	if (user === 0)
		phone.change((state) => ({
			...state,
			activeAdmins: [...state.activeAdmins, component],
		}));
}

function setDeviceOwner(phone: Handset, { component, user }: { component: string; user: number }): Reply {
	const trap: string[] = [];
	const wasAdmin = phone.state.activeAdmins.includes(component);
	try {
		setActiveAdmin(phone, component, user);
	} catch (error) {
		// Since Android 13 any IllegalArgumentException is taken for "already an admin": not a proof of anything.
		const taken = error instanceof Refusal && error.type === "IllegalArgumentException";
		if (!taken || (phone.state.sdk < 33 && error.message !== "Admin is already added")) throw error;
		if (phone.state.sdk >= 33) {
			trap.push(`${shortComponent(component)} was already an admin for user ${user}. No need to set it again.`);
		}
	}
	try {
		checkOwner(phone, component, user);
	} catch (error) {
		if (!wasAdmin) {
			phone.change((state) => ({
				...state,
				activeAdmins: state.activeAdmins.filter((admin) => admin !== component),
			}));
		}
		if (!(error instanceof Refusal) || trap.length === 0) throw error;
		phone.log("DevicePolicyManager", error.message);
		const reply = print(phone.state.sdk, "set-device-owner", error);
		return { ...reply, stdout: `${trap.join("\n")}\n` };
	}
	phone.change((state) => ({ ...state, deviceOwner: component }));
	return out(
		...trap,
		phone.state.sdk >= 33
			? `Success: Device owner set to package ${shortComponent(component)}`
			: `Success: Device owner set to package ${componentInfo(component)}`,
		`Active admin set to component ${printed(phone, component)}`,
	);
}

/** In the order of DevicePolicyManagerService.checkDeviceOwnerProvisioningPreCondition. */
function checkOwner(phone: Handset, component: string, user: number): void {
	const { state } = phone;
	const quirk = heldQuirk(phone, component);
	const old = state.sdk <= 30;
	if (quirk === "dead-object") throw new Refusal("DeadObject", "");
	if (user !== 0) throw new Refusal("IllegalStateException", `User ${user} is not system user`);
	if (quirk === "caller") {
		throw new Refusal("IllegalStateException", "Cannot set the device owner if the device is already set-up");
	}
	if (!state.packages[component.split("/")[0] ?? ""] || quirk === "unknown-admin") {
		throw new Refusal("IllegalArgumentException", `Invalid component ${componentInfo(component)} for device owner`);
	}
	if (quirk === "not-active" || !state.activeAdmins.includes(component)) {
		throw new Refusal("IllegalArgumentException", `Not active admin: ${componentInfo(component)}`);
	}
	if (state.deviceOwner !== undefined) {
		throw new Refusal(
			"IllegalStateException",
			old
				? "Trying to set the device owner, but device owner is already set"
				: `Trying to set the device owner (${component}), but device owner (${state.deviceOwner}) is already set`,
		);
	}
	if (state.profileOwners["0"] !== undefined) {
		throw new Refusal("IllegalStateException", "Trying to set the device owner, but the user already has a profile owner");
	}
	if (state.users.some(({ id, running }) => id === 0 && !running)) {
		throw new Refusal("IllegalStateException", old ? "User not running: 0" : "User 0 not running");
	}
	if (quirk === "oem-rule") throw new Refusal("IllegalStateException", "Unexpected @ProvisioningPreCondition: 99");
	if (state.users.length > 1) {
		throw new Refusal(
			"IllegalStateException",
			"Not allowed to set the device owner because there are already several users on the device",
		);
	}
	const seen = state.sdk >= 34 ? state.accounts : state.accounts.filter((account) => account.user === 0);
	if (seen.length > 0 || quirk === "accounts-cached") {
		throw new Refusal(
			"IllegalStateException",
			"Not allowed to set the device owner because there are already some accounts on the device",
		);
	}
	if (quirk === "refused-silently" || !state.features.includes("android.software.device_admin")) {
		phone.log("DevicePolicyManager", "Non test-only owner can't be installed with existing accounts.");
		throw new Refusal("RuntimeException", `Can't set package ${componentInfo(component)} as device owner.`);
	}
}

/** Quirks are about the app that wants to be owner, not about probes with components that do not exist. */
function heldQuirk(phone: Handset, component: string): OwnerQuirk | undefined {
	if (!phone.package(component.split("/")[0] ?? "")) return undefined;
	return phone.ownerQuirkHolds() ? phone.state.quirks.owner : undefined;
}

function removeActiveAdmin(phone: Handset, component: string): Reply {
	const testOnly = phone.package(component.split("/")[0] ?? "")?.testOnly === true;
	if (!phone.state.activeAdmins.includes(component) || !testOnly) {
		throw new Refusal(
			"SecurityException",
			`Attempt to remove non-test admin ${componentInfo(component)} 0`,
			"com.android.server.devicepolicy.DevicePolicyManagerService.forceRemoveActiveAdmin(DevicePolicyManagerService.java:3984)",
		);
	}
	phone.change(({ deviceOwner, ...state }) => ({
		...state,
		...(deviceOwner === undefined || deviceOwner === component ? {} : { deviceOwner }),
		activeAdmins: state.activeAdmins.filter((admin) => admin !== component),
	}));
	return out(`Success: Admin removed ${printed(phone, component)}`);
}

function listOwners(phone: Handset): Reply {
	const { deviceOwner, profileOwners } = phone.state;
	const owners = [
		...(deviceOwner === undefined ? [] : [`User  0: admin=${deviceOwner},DeviceOwner,Affiliated`]),
		...Object.entries(profileOwners).map(([user, owner]) => `User ${user.padStart(2)}: admin=${owner},ProfileOwner`),
	];
	if (owners.length === 0) return out("no owners");
	return out(`${owners.length} owner${owners.length === 1 ? "" : "s"}:`, ...owners);
}

function print(sdk: number, subcommand: string, { type, message, frame }: Refusal): Reply {
	if (type === "DeadObject") {
		const dead = {
			type: "android.os.DeadObjectException",
			message: "",
			frames: ["android.os.BinderProxy.transactNative(Native Method)"],
		};
		const reply = sdk <= 30 ? programException(dead) : serviceException(subcommand, dead);
		return {
			...reply,
			stderr: reply.stderr.replace("DeadObjectException: \n", "DeadObjectException\n"),
		};
	}
	if (sdk <= 30) {
		// Dpm.java takes an IllegalArgumentException for a mistake in the command line.
		if (type === "IllegalArgumentException") return failed(1, `${USAGE.join("\n")}\nError: ${message}\n`);
		return programException({
			type: `java.lang.${type}`,
			message,
			frames: [frame],
		});
	}
	return serviceException(subcommand, {
		type: `java.lang.${type}`,
		message: withFullStop(type, message),
		frames: [frame],
	});
}

/** Android 12 ends the sentences of its pre-conditions with a full stop. */
function withFullStop(type: Refusal["type"], message: string): string {
	return type === "IllegalStateException" && !message.endsWith(".") && !/: \d+$/.test(message) ? `${message}.` : message;
}
