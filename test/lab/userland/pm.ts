import type { Handset } from "../handset.ts";
import { noService, serviceException } from "./android-text.ts";
import { type Command, failed, out, parseOptions, type Reply } from "./command.ts";
import { install } from "./install.ts";
import { gate } from "./security-gate.ts";

/** `pm` and `cmd package`. */
export const pm: Command = (phone, argv, stdin) => {
	const [subcommand = "", ...args] = argv.slice(1);
	if (!phone.booted) return noService("package");
	const { options, rest } = parseOptions(args, ["--user", "-i"]);
	const [first = "", second = ""] = rest;
	switch (subcommand) {
		case "install":
			return install(phone, args, stdin);
		case "list":
			return list(phone, first, second, options);
		case "path": {
			const found = phone.package(first);
			return found ? out(`package:${found.codePath}`) : failed(1, "");
		}
		case "uninstall":
			return uninstall(phone, first);
		case "grant":
		case "revoke":
			return grant(phone, subcommand, first, second);
		case "clear":
			return clear(phone, first);
		case "disable":
		case "disable-user":
		case "suspend":
		case "hide":
			return disable(phone, subcommand, first);
		case "enable":
			phone.change((state) => setEnabled(state, first, true));
			return out(`Package ${first} new state: enabled`);
		case "create-user":
			return createUser(phone, first);
		case "remove-user":
			return removeUser(phone, Number(first));
		case "get-max-users":
			return out("Maximum supported users: 4");
		case "has-feature":
			return out(String(phone.state.features.includes(first)));
		default:
			return failed(255, `Unknown command: ${subcommand}\nUse '-h' for help.\n`);
	}
};

function list(phone: Handset, what: string, filter: string, options: ReadonlyMap<string, string>): Reply {
	switch (what) {
		case "users":
			return out(
				"Users:",
				...phone.state.users.map(
					({ id, name, flags, running }) => `\tUserInfo{${id}:${name}:${flags}}${running ? " running" : ""}`,
				),
			);
		case "features":
			return out(...phone.state.features.map((feature) => `feature:${feature}`));
		case "packages": {
			const found = Object.values(phone.state.packages).filter(
				({ packageName, system, enabled }) =>
					packageName.includes(filter) &&
					(!options.has("-3") || !system) &&
					(!options.has("-s") || system) &&
					(!options.has("-d") || !enabled) &&
					(!options.has("-e") || enabled),
			);
			return out(
				...found.map(({ packageName, codePath, versionCode, uid }) =>
					[
						`package:${options.has("-f") ? `${codePath}=` : ""}${packageName}`,
						...(options.has("--show-versioncode") ? [`versionCode:${versionCode}`] : []),
						...(options.has("-U") ? [`uid:${uid}`] : []),
					].join(" "),
				),
			);
		}
		default:
			return failed(255, `Error: unknown list type '${what}'\n`);
	}
}

function uninstall(phone: Handset, name: string): Reply {
	const found = phone.package(name);
	if (!found) return failed(1, "", "Failure [DELETE_FAILED_INTERNAL_ERROR]\n");
	if (phone.state.activeAdmins.some((admin) => admin.startsWith(`${name}/`))) {
		phone.log("PackageManager", `Not removing package ${name}: has active device admin`);
		return failed(1, "", "Failure [DELETE_FAILED_DEVICE_POLICY_MANAGER]\n");
	}
	if (found.system) return failed(1, "", "Failure [DELETE_FAILED_INTERNAL_ERROR]\n");
	const { uninstallRefusal } = phone.state.quirks;
	if (uninstallRefusal !== undefined) return failed(1, "", `Failure [${uninstallRefusal}]\n`);
	phone.change((state) => {
		const { [name]: _gone, ...packages } = state.packages;
		const { [name]: _ops, ...appOps } = state.appOps;
		return {
			...state,
			packages,
			appOps,
			dozeWhitelist: state.dozeWhitelist.filter((other) => other !== name),
		};
	});
	phone.files.remove(found.codePath.replace(/\/[^/]*\/[^/]*$/, ""));
	phone.watcher?.onPackage(name);
	return out("Success");
}

function grant(phone: Handset, subcommand: "grant" | "revoke", name: string, permission: string): Reply {
	const refused = gate(phone, subcommand, subcommand === "grant" ? "GRANT_RUNTIME_PERMISSIONS" : "REVOKE_RUNTIME_PERMISSIONS");
	if (refused) return refused;
	const found = phone.package(name);
	if (!found) {
		return serviceException(subcommand, {
			type: "java.lang.IllegalArgumentException",
			message: `Unknown package: ${name}`,
			frames: [
				"com.android.server.pm.permission.PermissionManagerService.grantRuntimePermissionInternal(PermissionManagerService.java:1366)",
			],
		});
	}
	const without = found.granted.filter((other) => other !== permission);
	const granted = subcommand === "grant" ? [...without, permission] : without;
	phone.change((state) => ({
		...state,
		packages: { ...state.packages, [name]: { ...found, granted } },
	}));
	return out();
}

function clear(phone: Handset, name: string): Reply {
	const protectedOwner = phone.state.activeAdmins.some((admin) => admin.startsWith(`${name}/`));
	if (protectedOwner) {
		return serviceException("clear", {
			type: "java.lang.SecurityException",
			message: `PID 2000 does not have permission android.permission.CLEAR_APP_USER_DATA to clear data of package ${name}`,
			frames: ["com.android.server.am.ActivityManagerService.clearApplicationUserData(ActivityManagerService.java:3652)"],
		});
	}
	return gate(phone, "clear", "CLEAR_APP_USER_DATA") ?? (phone.package(name) ? out("Success") : failed(1, "", "Failed\n"));
}

function disable(phone: Handset, subcommand: string, name: string): Reply {
	const refuse = (type: string, message: string) =>
		serviceException(subcommand, {
			type: `java.lang.${type}`,
			message,
			frames: ["com.android.server.pm.PackageManagerService.setEnabledSettings(PackageManagerService.java:3794)"],
		});
	if (phone.state.activeAdmins.some((admin) => admin.startsWith(`${name}/`))) {
		return refuse("SecurityException", `Cannot disable a protected package: ${name}`);
	}
	if (/^com\.(miui|xiaomi)\./.test(name)) return refuse("SecurityException", "Cannot disable miui core packages.");
	if (phone.package(name)?.system) return refuse("SecurityException", "Cannot disable system packages.");
	phone.change((state) => setEnabled(state, name, false));
	return out(`Package ${name} new state: disabled-user`);
}

function setEnabled(state: Handset["state"], name: string, enabled: boolean): Handset["state"] {
	const found = state.packages[name];
	return found
		? {
				...state,
				packages: { ...state.packages, [name]: { ...found, enabled } },
			}
		: state;
}

function createUser(phone: Handset, name: string): Reply {
	if (phone.state.restrictions.includes("addUser")) return failed(1, "Error: couldn't create User.\n");
	const id = Math.max(9, ...phone.state.users.map((user) => user.id).filter((other) => other < 999)) + 1;
	phone.change((state) => ({
		...state,
		users: [...state.users, { id, name, flags: "400", running: false }],
	}));
	return out(`Success: created user id ${id}`);
}

function removeUser(phone: Handset, id: number): Reply {
	const user = phone.state.users.find((candidate) => candidate.id === id);
	// Xiaomi keeps the user of its dual apps; only the settings remove it.
	if (!user || id === 0 || user.name === "XSpace") return failed(1, `Error: couldn't remove user id ${id}\n`);
	phone.change((state) => ({
		...state,
		users: state.users.filter((other) => other.id !== id),
		accounts: state.accounts.filter((account) => account.user !== id),
	}));
	return out("Success: removed user");
}
