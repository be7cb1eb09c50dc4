import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { classifyDpm } from "../../../provisioning/handset/dpm-faults.ts";
import type { FaultCode } from "../../../provisioning/handset/fault-codes.ts";

const C = "ComponentInfo{dev.holdfast.agent/dev.holdfast.agent.AdminReceiver}";
const DPMS = "com.android.server.devicepolicy.DevicePolicyManagerService";

/** Dpm.java of Android 11 and older: a stack for most exceptions, usage and `Error:` for an IllegalArgumentException. */
function android11(exception: string, message: string, frame = `${DPMS}.setDeviceOwner`) {
	if (exception === "java.lang.IllegalArgumentException") {
		return {
			stdout: "",
			stderr: `usage: dpm [subcommand] [options]\nusage: dpm set-active-admin ...\n\nError: ${message}\n`,
			exitCode: 1,
		};
	}
	return {
		stdout: "",
		stderr: `${exception}: ${message}\n\tat android.os.Parcel.createException(Parcel.java:2071)\n\tat ${frame}(DevicePolicyManagerService.java:1)\n`,
		exitCode: 1,
	};
}

/** A shell command of the service, Android 12 and newer: with a final full stop. */
function android12(exception: string, message: string, frame = `${DPMS}.setDeviceOwner`) {
	return {
		stdout: "",
		stderr: `\nException occurred while executing 'set-device-owner':\n${exception}: ${message}.\n\tat com.android.internal.util.Preconditions.x(Preconditions.java:1)\n\tat ${frame}(DevicePolicyManagerService.java:1)\n`,
		exitCode: 255,
	};
}

const ISE = "java.lang.IllegalStateException";
const IAE = "java.lang.IllegalArgumentException";
const SE = "java.lang.SecurityException";

const BOTH: readonly [FaultCode, string, string][] = [
	["DPM_ACCOUNTS_PRESENT", ISE, "Not allowed to set the device owner because there are already some accounts on the device"],
	["DPM_USERS_PRESENT", ISE, "Not allowed to set the device owner because there are already several users on the device"],
	["DPM_REFUSED_SILENTLY", "java.lang.RuntimeException", `Can't set package ${C} as device owner`],
	["DPM_PROFILE_OWNER", ISE, "Trying to set the device owner, but the user already has a profile owner"],
	["DPM_USER_NOT_RUNNING", ISE, "User 0 not running"],
	["DPM_USER_NOT_RUNNING", ISE, "User not running: 0"],
	["DPM_CALLER", ISE, "User 10 is not system user"],
	["DPM_CALLER", ISE, "Cannot set the device owner if the device is already set-up"],
	["DPM_OEM_RULE", ISE, "Unexpected @ProvisioningPreCondition: 99"],
	["DPM_UNKNOWN_ADMIN", IAE, `Unknown admin: ${C}`],
	["DPM_BAD_ADMIN", IAE, `Bad admin: ${C}`],
	["DPM_BAD_ADMIN", IAE, `Component ${C} must be protected with android.permission.BIND_DEVICE_ADMIN`],
	["DPM_BAD_ADMIN", IAE, `Only apps in internal storage can be active admin: ${C}`],
	["DPM_ADMIN_REMOVING", IAE, "Trying to set an admin which is being removed"],
	["DPM_NOT_ACTIVE", IAE, `Invalid component ${C} for device owner`],
	["DPM_NOT_ACTIVE", IAE, `Not active admin: ${C}`],
	["DPM_USAGE", IAE, "Unknown option: --user"],
	["DPM_USAGE", IAE, 'Argument expected after "--user"'],
	["DPM_SERVICE_DOWN", "android.os.DeadObjectException", ""],
];

describe("refusals of dpm", () => {
	it.each(BOTH)("%s on Android 11: %s: %s", (code, exception, message) => {
		expect(classifyDpm(android11(exception, message))).toBe(code);
	});

	it.each(BOTH)("%s on Android 12 and newer: %s: %s", (code, exception, message) => {
		expect(classifyDpm(android12(exception, message))).toBe(code);
	});

	it("reads the same from standard output as from standard error", () => {
		for (const [code, exception, message] of BOTH) {
			const { stderr, exitCode } = android12(exception, message);
			expect(classifyDpm({ stdout: stderr, stderr: "", exitCode })).toBe(code);
		}
	});

	it.each([
		["Android 11", android11(ISE, "Trying to set the device owner, but device owner is already set")],
		[
			"Android 12+",
			android12(
				ISE,
				"Trying to set the device owner (dev.holdfast.agent/.AdminReceiver), but device owner (q/.S) is already set",
			),
		],
	])("tells an existing owner on %s", (_, result) => {
		expect(classifyDpm(result)).toBe("DPM_OWNER_EXISTS");
	});

	it("tells Xiaomi's gate by its message on Android 11", () => {
		const message = "Neither user 2000 nor current process has android.permission.MANAGE_DEVICE_ADMINS.";
		expect(classifyDpm(android11(SE, message))).toBe("XIAOMI_SECURITY_TOGGLE_OFF");
	});

	it("tells Xiaomi's gate from Android 12 on by the frame that threw, not by the message, which others share", () => {
		const message = "Calling identity is not authorized";
		expect(classifyDpm(android12(SE, message, `${DPMS}.setActiveAdmin`))).toBe("XIAOMI_SECURITY_TOGGLE_OFF");
		expect(classifyDpm(android12(SE, message, `${DPMS}.isCallerDeviceOwner`))).toBe("UNCLASSIFIED");
		expect(classifyDpm({ stdout: "", stderr: `${SE}: ${message}`, exitCode: 255 })).toBe("UNCLASSIFIED");
	});

	it.each([
		["Error: Could not access the Device Policy Manager. Is the system running?", 1, "DPM_SERVICE_DOWN"],
		["cmd: Can't find service: device_policy", 20, "DPM_SERVICE_DOWN"],
		["/system/bin/sh: dpm: inaccessible or not found", 127, "ADB_FOYER"],
		["usage: dpm [subcommand] [options]", 1, "DPM_USAGE"],
	] as const)("%s", (stderr, exitCode, code) => {
		expect(classifyDpm({ stdout: "", stderr, exitCode })).toBe(code);
	});
});

describe("success of dpm", () => {
	it.each([
		`Success: Device owner set to package ${C}\nActive admin set to component {dev.holdfast.agent/dev.holdfast.agent.AdminReceiver}\n`,
		"Success: Device owner set to package dev.holdfast.agent/.AdminReceiver\nActive admin set to component dev.holdfast.agent/.AdminReceiver\n",
		"Success: Active admin set to component dev.holdfast.agent/.AdminReceiver\n",
	])("is claimed by %j", (stdout) => {
		expect(classifyDpm({ stdout, stderr: "", exitCode: 0 })).toBeUndefined();
	});

	it("is not claimed by 'was already an admin', which Android 13 prints for any bad argument", () => {
		const trap = "dev.holdfast.agent/.AdminReceiver was already an admin for user 0. No need to set it again.\n";
		expect(classifyDpm({ stdout: trap, stderr: "", exitCode: 0 })).toBe("UNCLASSIFIED");
		const refused = android12(IAE, `Not active admin: ${C}`);
		expect(classifyDpm({ ...refused, stdout: trap })).toBe("DPM_NOT_ACTIVE");
		const done = "Success: Device owner set to package dev.holdfast.agent/.AdminReceiver\n";
		expect(classifyDpm({ stdout: trap + done, stderr: "", exitCode: 0 })).toBeUndefined();
	});

	it("is not claimed by silence, nor against the exit code", () => {
		expect(classifyDpm({ stdout: "", stderr: "", exitCode: 0 })).toBe("UNCLASSIFIED");
		expect(classifyDpm({ stdout: "Success: x\n", stderr: "", exitCode: 1 })).toBe("UNCLASSIFIED");
	});

	it("never throws on what a phone may print", () => {
		fc.assert(
			fc.property(fc.string({ unit: "binary" }), fc.string({ unit: "binary" }), fc.nat(255), (stdout, stderr, exitCode) => {
				const code = classifyDpm({ stdout, stderr, exitCode });
				expect(code === undefined).toBe(exitCode === 0 && /^Success: /m.test(`${stdout}\n${stderr}`.replaceAll("\r", "")));
			}),
		);
	});
});
