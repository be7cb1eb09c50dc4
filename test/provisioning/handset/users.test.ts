import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { ownerCommand, readOwnerAnswer, shortComponent } from "../../../provisioning/handset/owner-reading.ts";
import { readUserRestrictions } from "../../../provisioning/handset/restrictions.ts";
import { readSections } from "../../../provisioning/handset/sections.ts";
import { describeAccounts, readAccounts, readUsers } from "../../../provisioning/handset/users.ts";

const garbage = fc.string({ unit: "binary" });

describe("users", () => {
	it("are read with names that look like syntax", () => {
		const text = "Users:\n\tUserInfo{0:Owner:c13} running\n\tUserInfo{999:XSpace:801010} running\n\tUserInfo{10:a:b}: {c:413}\n";
		expect(readUsers(text)).toEqual([
			{ id: 0, name: "Owner", running: true },
			{ id: 999, name: "XSpace", running: true },
			{ id: 10, name: "a:b}: {c", running: false },
		]);
	});

	it("are unknown, not none, where nothing is listed", () => {
		expect(readUsers("cmd: Can't find service: package\n")).toBeUndefined();
		fc.assert(fc.property(garbage, (text) => void readUsers(text)));
	});
});

describe("accounts", () => {
	const dump = [
		"User UserInfo{0:Owner:c13}:",
		"  Accounts: 2",
		"    Account {name=2807***558, type=com.xiaomi}",
		"    Account {name=x, type=com.fake}, type=com.google}",
		"",
		"  AccountId, Action_Type, timestamp, UID, TableName, Key",
		"  Accounts History",
		"  RegisteredServicesCache: 1 services",
		"    ServiceInfo: AuthenticatorDescription {type=com.xiaomi}, ComponentInfo{a/b}, uid 10060",
		"User UserInfo{10:second space:413}:",
		"  Accounts: 1",
		"User UserInfo{11:Guest:414}:",
		"  Accounts: 0",
	].join("\n");

	it("are counted by user and type, without their names", () => {
		const accounts = readAccounts(dump);
		expect(accounts).toEqual([
			{ user: 0, count: 2, types: ["com.xiaomi", "com.google"] },
			{ user: 10, count: 1, types: [] },
			{ user: 11, count: 0, types: [] },
		]);
		expect(describeAccounts(accounts)).toBe("user 0: com.xiaomi, com.google; user 10: 1");
		expect(JSON.stringify(accounts)).not.toContain("2807");
	});

	it("are unknown, not none, where nothing is told", () => {
		expect(readAccounts("Can't find service: account\n")).toBeUndefined();
		expect(describeAccounts(undefined)).toBeUndefined();
		fc.assert(fc.property(garbage, (text) => void readAccounts(text)));
	});
});

const ok = (stdout: string) => ({ stdout, stderr: "", exitCode: 0 });

describe("owner", () => {
	it("is asked in the way of the Android version", () => {
		expect(ownerCommand(30)).toEqual(["dumpsys", "device_policy"]);
		expect(ownerCommand(31)).toEqual(["dpm", "list-owners"]);
		expect(ownerCommand(undefined)).toEqual(["dpm", "list-owners"]);
	});

	it("is read from the list of Android 12 and newer", () => {
		expect(readOwnerAnswer(ok("no owners\n"))).toEqual({});
		const one = "1 owner:\nUser  0: admin=com.uyen.launcher/.receiver.UyenDeviceAdminReceiver,DeviceOwner,Affiliated\n";
		expect(readOwnerAnswer(ok(one))).toEqual({
			deviceOwner: { component: "com.uyen.launcher/.receiver.UyenDeviceAdminReceiver" },
		});
		const two = "2 owners:\nUser  0: admin=a.b/a.b.C,ProfileOwner\nUser 10: admin=d.e/.F,ManagedProfileOwner(parentUserId=0)\n";
		expect(readOwnerAnswer(ok(two))).toEqual({ profileOwner: { component: "a.b/.C" } });
	});

	it("is read from the dump of Android 11", () => {
		const head = "Current Device Policy Manager state:\n";
		expect(readOwnerAnswer(ok(head))).toEqual({});
		const owned = `${head}  Device Owner: \n    admin=ComponentInfo{dev.x/dev.x.R}\n    name=\n    package=dev.x\n    User ID: 0\n  Profile Owner (User 0): \n    admin=ComponentInfo{a.b/c.D}\n`;
		expect(readOwnerAnswer(ok(owned))).toEqual({
			deviceOwner: { component: "dev.x/.R" },
			profileOwner: { component: "a.b/c.D" },
		});
	});

	it.each([
		["cmd: Can't find service: device_policy", 20, "DPM_SERVICE_DOWN"],
		["/system/bin/sh: dpm: inaccessible or not found", 127, "ADB_FOYER"],
		["Unknown command: list-owners", 255, "DPM_USAGE"],
		["", 0, "UNCLASSIFIED"],
	])("is a fault and never 'none' where the phone says %j", (stderr, exitCode, code) => {
		expect(readOwnerAnswer({ stdout: "", stderr, exitCode }).fault?.code).toBe(code);
	});

	it("never throws, and never reads garbage as 'none'", () => {
		fc.assert(fc.property(garbage, (text) => void expect(readOwnerAnswer(ok(text)).fault).toBeDefined()));
	});

	it("has one short form", () => {
		expect(["p.q/p.q.R", "p.q/.R", "p.q/other.R"].map(shortComponent)).toEqual(["p.q/.R", "p.q/.R", "p.q/other.R"]);
	});
});

describe("restrictions", () => {
	const block = (effective: string) =>
		`Current user: 0\nUsers:\n  UserInfo{0:Owner:c13} serialNo=0 isPrimary=true\n    State: RUNNING_UNLOCKED\n    Restrictions:\n      no_sms\n    Device policy global restrictions:\n      none\n    Effective restrictions:\n${effective}\n  UserInfo{10:x:413} serialNo=10\n    Effective restrictions:\n      no_outgoing_calls\n`;

	it("are those of user 0 that the phone does not hold by itself", () => {
		expect(readUserRestrictions(block("      no_sms\n      no_factory_reset\n      no_debugging_features"))).toEqual([
			"no_factory_reset",
			"no_debugging_features",
		]);
		expect(readUserRestrictions(block("      none"))).toEqual([]);
	});

	it("are unknown, not none, where the phone does not tell", () => {
		expect(readUserRestrictions("Can't find service: user")).toBeUndefined();
		expect(readUserRestrictions("  UserInfo{0:Owner:c13}\n    State: RUNNING\n")).toBeUndefined();
		fc.assert(fc.property(garbage, (text) => void expect(readUserRestrictions(text)).toBeUndefined()));
	});
});

describe("sections of a script", () => {
	const mark = "0b7f3c1e-5a53-4d0c-9f3e-0a1b2c3d4e5f";

	it("keep what each command printed and how it ended", () => {
		const text = `sections ${mark}\n\n${mark} < a\nx\ny\n\n${mark} > 0\n\n${mark} < b\n\n${mark} > 127\n`;
		expect([...readSections(text)]).toEqual([
			["a", { stdout: "x\ny", stderr: "", exitCode: 0 }],
			["b", { stdout: "", stderr: "", exitCode: 127 }],
		]);
	});

	it("cannot be forged by what stands on the phone, and one without an end is left out", () => {
		const forged = `sections ${mark}\n\n${mark} < a\nsections 11111111-2222\n11111111-2222 < owner\nno owners\n11111111-2222 > 0\n\n${mark} > 0\n${mark} < b\nhalf`;
		const sections = readSections(forged);
		expect([...sections.keys()]).toEqual(["a"]);
		expect(sections.get("a")?.stdout).toContain("no owners");
	});

	it("are none in garbage", () => {
		fc.assert(fc.property(garbage, (text) => void expect(readSections(text).size).toBe(0)));
	});
});
