import { describe, expect, it } from "vitest";

import { classifyInstall, classifyUninstall } from "../../../provisioning/handset/install-faults.ts";
import { classifySetting } from "../../../provisioning/handset/setting-faults.ts";

const said = (stderr: string, exitCode = 1) => ({ stdout: "", stderr, exitCode });

describe("verdict of an install", () => {
	it.each([
		["INSTALL_FAILED_USER_RESTRICTED: Install canceled by user", "XIAOMI_INSTALL_BLOCKED"],
		["INSTALL_FAILED_ABORTED: Permission denied", "XIAOMI_INSTALL_BLOCKED"],
		["INSTALL_FAILED_HYPEROS_ISOLATION_VIOLATION", "XIAOMI_ISOLATION"],
		["INSTALL_FAILED_VERIFICATION_FAILURE: Install not allowed", "INSTALL_VERIFICATION"],
		["INSTALL_FAILED_VERSION_DOWNGRADE: Downgrade detected: Update version code 1 is older than current 2", "INSTALL_DOWNGRADE"],
		[
			"INSTALL_FAILED_UPDATE_INCOMPATIBLE: Existing package x signatures do not match newer version; ignoring!",
			"INSTALL_WRONG_SIGNER",
		],
		["INSTALL_FAILED_TEST_ONLY: installPackageLI", "INSTALL_TEST_ONLY"],
		["INSTALL_FAILED_INSUFFICIENT_STORAGE: Failed to override installation location", "INSTALL_NO_SPACE"],
		["INSTALL_FAILED_OLDER_SDK: Requires newer sdk version #30 (current version is #29)", "ANDROID_TOO_OLD"],
		["INSTALL_PARSE_FAILED_NOT_APK: Failed to parse base.apk", "APK_UNREADABLE"],
		["INSTALL_FAILED_INTERNAL_ERROR: Permission Denied", "INSTALL_REFUSED"],
		["INSTALL_FAILED_SOMETHING_NEW", "INSTALL_REFUSED"],
	])("Failure [%s]", (text, code) => {
		expect(classifyInstall(said(`Failure [${text}]\n`))).toBe(code);
		expect(classifyInstall({ stdout: `Performing Streamed Install\nFailure [${text}]\r\n`, stderr: "", exitCode: 0 })).toBe(code);
	});

	it("is Success although other lines come before it", () => {
		expect(classifyInstall({ stdout: "WARNING: linker: x\nSuccess\n", stderr: "", exitCode: 0 })).toBeUndefined();
		expect(classifyInstall({ stdout: "Success\r\n", stderr: "note\n", exitCode: 0 })).toBeUndefined();
	});

	it.each([
		["the word inside another line", { stdout: "Not a Success\n", stderr: "", exitCode: 0 }, "INSTALL_REFUSED"],
		["an exit code that says no", { stdout: "Success\n", stderr: "", exitCode: 1 }, "INSTALL_REFUSED"],
		["silence", { stdout: "", stderr: "", exitCode: 0 }, "INSTALL_REFUSED"],
		["a service that is not there yet", said("cmd: Can't find service: package\n", 20), "HANDSET_BOOTING"],
		["a phone in its first set-up", said("/system/bin/sh: cmd: inaccessible or not found\n", 127), "ADB_FOYER"],
		["no room for the stream", said("java.io.IOException: Requested internal only, but not enough space\n"), "INSTALL_NO_SPACE"],
	] as const)("is not Success for %s", (_, result, code) => {
		expect(classifyInstall(result)).toBe(code);
	});
});

describe("verdict of an uninstall", () => {
	it.each([
		["Success\n", 0, undefined],
		["Failure [not installed for 0]\n", 1, undefined],
		["Failure [DELETE_FAILED_DEVICE_POLICY_MANAGER]\n", 1, "DO_PROTECTED"],
		["Failure [DELETE_FAILED_INTERNAL_ERROR]\n", 1, "MIUI_REFUSED"],
		["", 0, "UNCLASSIFIED"],
	] as const)("%j", (stdout, exitCode, code) => {
		expect(classifyUninstall({ stdout, stderr: "", exitCode })).toBe(code);
	});
});

describe("refusal of a setting", () => {
	it.each([
		[
			"Security exception: grantRuntimePermission: Neither user 2000 nor current process has android.permission.GRANT_RUNTIME_PERMISSIONS.",
			"XIAOMI_SECURITY_TOGGLE_OFF",
		],
		[
			"java.lang.SecurityException: com.android.shell was not granted  this permission: android.permission.WRITE_SETTINGS.",
			"XIAOMI_SECURITY_TOGGLE_OFF",
		],
		["java.lang.SecurityException: com.android.shell was not granted WRITE_SETTINGS", "XIAOMI_SECURITY_TOGGLE_OFF"],
		[
			"Injecting input events requires the caller (or the source of the instrumentation, if any) to have the INJECT_EVENTS permission.",
			"XIAOMI_SECURITY_TOGGLE_OFF",
		],
		[
			"java.lang.SecurityException: uid 2000 does not have android.permission.UPDATE_APP_OPS_STATS.",
			"XIAOMI_SECURITY_TOGGLE_OFF",
		],
		["Cannot disable a protected package: dev.holdfast.agent", "DO_PROTECTED"],
		[
			"java.lang.SecurityException: PID 2000 does not have permission android.permission.CLEAR_APP_USER_DATA to clear data of package x",
			"DO_PROTECTED",
		],
		["Cannot disable miui core packages.", "MIUI_REFUSED"],
		["Error: something of its own", "MIUI_REFUSED"],
		["cmd: Can't find service: appops", "HANDSET_BOOTING"],
	])("%s", (stderr, code) => {
		expect(classifySetting({ stdout: "", stderr, exitCode: 255 })).toBe(code);
	});

	it("is none where the command ended well", () => {
		expect(classifySetting({ stdout: "Added: dev.holdfast.agent\n", stderr: "", exitCode: 0 })).toBeUndefined();
	});
});
