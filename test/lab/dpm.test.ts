import { describe, expect, test } from "vitest";

import type { HandsetState } from "./handset-state.ts";
import { say, type TestPhoneOptions, testPhone } from "./test-phone.ts";

const SET_OWNER = "dpm set-device-owner dev.holdfast.agent/.AdminReceiver";
const OLD = "miui13-a11-in";
const A12 = "miui13-a12-global";
const A13 = "miui14-a13-eea";
const A15 = "hyperos2-a15-in";

const setOwner = (options: TestPhoneOptions) => say(testPhone({ agent: "installed", ...options }), SET_OWNER);

describe("dpm set-device-owner", () => {
	test("up to Android 12 names the component in full", async () => {
		for (const profile of [OLD, A12]) {
			const { stdout, exitCode } = await setOwner({ profile });
			expect(stdout).toBe(
				"Success: Device owner set to package ComponentInfo{dev.holdfast.agent/dev.holdfast.agent.AdminReceiver}\n" +
					"Active admin set to component {dev.holdfast.agent/dev.holdfast.agent.AdminReceiver}\n",
			);
			expect(exitCode).toBe(0);
		}
	});

	test("from Android 13 on names it in short", async () => {
		expect((await setOwner({ profile: A13 })).stdout).toBe(
			"Success: Device owner set to package dev.holdfast.agent/.AdminReceiver\n" +
				"Active admin set to component dev.holdfast.agent/.AdminReceiver\n",
		);
	});

	test("on Android 13 and later says 'already an admin' of a component that does not exist", async () => {
		const { stdout, stderr, exitCode } = await say(testPhone({ profile: A13 }), SET_OWNER);
		expect(stdout).toBe("dev.holdfast.agent/.AdminReceiver was already an admin for user 0. No need to set it again.\n");
		expect(stderr).toContain(
			"java.lang.IllegalArgumentException: Invalid component ComponentInfo{dev.holdfast.agent/dev.holdfast.agent.AdminReceiver} for device owner",
		);
		expect(exitCode).toBe(255);
	});

	test("on Android 11 takes an unknown admin for a mistake in the command line", async () => {
		const { stderr, exitCode } = await say(testPhone({ profile: OLD }), SET_OWNER);
		expect(stderr).toMatch(/^usage: dpm \[subcommand\] \[options\]\n/);
		expect(stderr).toMatch(
			/\nError: Unknown admin: ComponentInfo\{dev\.holdfast\.agent\/dev\.holdfast\.agent\.AdminReceiver\}\n$/,
		);
		expect(exitCode).toBe(1);
	});

	test("on Android 11 throws without a final full stop and ends with 1", async () => {
		const { stderr, exitCode } = await setOwner({ profile: OLD, faults: ["account-google"] });
		expect(stderr.split("\n")[0]).toBe(
			"java.lang.IllegalStateException: Not allowed to set the device owner because there are already some accounts on the device",
		);
		expect(exitCode).toBe(1);
	});

	test("from Android 12 on throws inside the service, with a final full stop, and ends with 255", async () => {
		const { stderr, exitCode } = await setOwner({ profile: A12, faults: ["account-google"] });
		expect(stderr.split("\n").slice(0, 3)).toEqual([
			"",
			"Exception occurred while executing 'set-device-owner':",
			"java.lang.IllegalStateException: Not allowed to set the device owner because there are already some accounts on the device.",
		]);
		expect(exitCode).toBe(255);
	});

	const account = (user: number) => (state: HandsetState) => ({ ...state, accounts: [{ user, type: "com.google", name: "x" }] });
	test.each([
		[
			"closed gate, Android 11",
			{ profile: OLD, faults: ["security-toggle-off"] },
			"java.lang.SecurityException: Neither user 2000 nor current process has android.permission.MANAGE_DEVICE_ADMINS.",
		],
		[
			"closed gate",
			{ profile: A15, faults: ["security-toggle-off"] },
			"java.lang.SecurityException: Calling identity is not authorized",
		],
		[
			"the gate's frame",
			{ profile: A15, faults: ["security-toggle-stuck"] },
			"at com.android.server.devicepolicy.DevicePolicyManagerService.setActiveAdmin(",
		],
		[
			"several users",
			{ profile: A15, faults: ["dual-apps"] },
			"Not allowed to set the device owner because there are already several users on the device",
		],
		[
			"another owner",
			{ profile: A15, faults: ["owner-foreign"] },
			"Trying to set the device owner (dev.holdfast.agent/.AdminReceiver), but device owner (com.uyen.launcher/.receiver.UyenDeviceAdminReceiver) is already set.",
		],
		[
			"another owner, Android 11",
			{ profile: OLD, faults: ["owner-foreign"] },
			"Trying to set the device owner, but device owner is already set",
		],
		["a profile owner", { profile: A15, faults: ["profile-owner"] }, "but the user already has a profile owner"],
		["user 0 locked", { profile: A15, faults: ["user-not-running"] }, "User 0 not running."],
		["user 0 locked, Android 11", { profile: OLD, faults: ["user-not-running"] }, "User not running: 0"],
		[
			"silent refusal",
			{ profile: A15, faults: ["owner-refused-silently"] },
			"java.lang.RuntimeException: Can't set package ComponentInfo{dev.holdfast.agent/dev.holdfast.agent.AdminReceiver} as device owner.",
		],
		[
			"the app as caller",
			{ profile: A15, faults: ["owner-caller"] },
			"Cannot set the device owner if the device is already set-up.",
		],
		["a maker's rule", { profile: A15, faults: ["owner-oem-rule"] }, "Unexpected @ProvisioningPreCondition: 99"],
		[
			"an unknown admin",
			{ profile: A12, faults: ["owner-unknown-admin"] },
			"Unknown admin: ComponentInfo{dev.holdfast.agent/dev.holdfast.agent.AdminReceiver}",
		],
		[
			"a bad admin",
			{ profile: A12, faults: ["owner-bad-admin"] },
			"Bad admin: ComponentInfo{dev.holdfast.agent/dev.holdfast.agent.AdminReceiver}",
		],
		[
			"an admin being removed",
			{ profile: A12, faults: ["owner-admin-removing"] },
			"Trying to set an admin which is being removed",
		],
		[
			"no active admin",
			{ profile: A15, faults: ["owner-not-active"] },
			"Not active admin: ComponentInfo{dev.holdfast.agent/dev.holdfast.agent.AdminReceiver}",
		],
		["a dead service", { profile: A15, faults: ["owner-dead-object"] }, "android.os.DeadObjectException\n"],
		["no service", { profile: A15, faults: ["owner-service-down"] }, "cmd: Can't find service: device_policy"],
		[
			"no service, Android 11",
			{ profile: OLD, faults: ["owner-service-down"] },
			"Error: Could not access the Device Policy Manager. Is the system running?",
		],
		["a stale account cache", { profile: A15, faults: ["owner-accounts-cached"] }, "already some accounts on the device."],
	])("says what Android says: %s", async (_case, options, text) => {
		const { stderr, exitCode } = await setOwner(options);
		expect(stderr).toContain(text);
		expect(exitCode).not.toBe(0);
	});

	test("another user's account is seen from Android 14 on only", async () => {
		expect((await setOwner({ profile: A13, change: account(10) })).exitCode).toBe(0);
		expect((await setOwner({ profile: A15, change: account(10) })).stderr).toContain("already some accounts on the device");
	});

	test("a refusal leaves no active admin behind", async () => {
		const phone = testPhone({ profile: A15, agent: "installed", faults: ["account-xiaomi"] });
		await say(phone, SET_OWNER);
		expect(phone.state.activeAdmins).toEqual([]);
		expect(phone.state.deviceOwner).toBeUndefined();
	});
});

describe("dpm", () => {
	test("list-owners tells none, or the owner in the words of Android 12 and later", async () => {
		const phone = testPhone({ agent: "installed" });
		expect((await say(phone, "dpm list-owners")).stdout).toBe("no owners\n");
		await say(phone, SET_OWNER);
		expect((await say(phone, "dpm list-owners")).stdout).toBe(
			"1 owner:\nUser  0: admin=dev.holdfast.agent/.AdminReceiver,DeviceOwner,Affiliated\n",
		);
	});

	test("does not know list-owners on Android 11, where the dump tells", async () => {
		const phone = testPhone({ profile: OLD, agent: "owner" });
		expect((await say(phone, "dpm list-owners")).stderr).toContain("Error: unknown command 'list-owners'");
		expect((await say(phone, "dumpsys device_policy")).stdout).toMatch(
			/Device Owner: \n\s+admin=ComponentInfo\{dev\.holdfast\.agent\/dev\.holdfast\.agent\.AdminReceiver\}\n[\s\S]*User ID: 0\n/,
		);
	});

	test("a probe with an unknown component tells an open gate from a closed one and changes nothing", async () => {
		const probe = "dpm set-active-admin --user 0 dev.holdfast.probe/.Nobody";
		const open = testPhone();
		const before = open.state;
		expect((await say(open, probe)).stderr).toContain(
			"Unknown admin: ComponentInfo{dev.holdfast.probe/dev.holdfast.probe.Nobody}",
		);
		expect(open.state).toBe(before);
		const stuck = testPhone({ faults: ["security-toggle-stuck"] });
		expect((await say(stuck, probe)).stderr).toContain("Calling identity is not authorized");
		expect((await say(stuck, "getprop persist.security.adbinput")).stdout).toBe("1\n");
	});

	test("an owner can be removed neither as admin nor as app", async () => {
		const phone = testPhone({ agent: "owner" });
		expect((await say(phone, "dpm remove-active-admin dev.holdfast.agent/.AdminReceiver")).stderr).toContain(
			"Attempt to remove non-test admin ComponentInfo{dev.holdfast.agent/dev.holdfast.agent.AdminReceiver} 0",
		);
		expect((await say(phone, "pm uninstall dev.holdfast.agent")).stdout).toBe("Failure [DELETE_FAILED_DEVICE_POLICY_MANAGER]\n");
		expect((await say(phone, "pm disable-user dev.holdfast.agent")).stderr).toContain(
			"Cannot disable a protected package: dev.holdfast.agent",
		);
		expect((await say(phone, "pm clear dev.holdfast.agent")).stderr).toContain(
			"PID 2000 does not have permission android.permission.CLEAR_APP_USER_DATA",
		);
	});
});
