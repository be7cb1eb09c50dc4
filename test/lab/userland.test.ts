import { existsSync, readFileSync } from "node:fs";

import { describe, expect, test } from "vitest";

import { AGENT_PACKAGE, cableFailureIn, readPrintedReply } from "../../proto/android-agent.ts";
import { decode } from "../../proto/codec.ts";
import { wire } from "../../proto/wire.ts";
import { parseSubscriberParcel } from "./parcel-reader.ts";
import { PROFILES } from "./profiles.ts";
import { KNOWN_IMEI, say, stdinOf, testPhone } from "./test-phone.ts";
import { securityExceptionParcel } from "./userland/parcel.ts";

describe("service call iphonesubinfo", () => {
	const CALL = "service call iphonesubinfo 4 i32 0 s16 com.android.shell";

	test("prints the Parcel of adbkit#99 for its number", async () => {
		expect((await say(testPhone(), CALL)).stdout).toBe(
			[
				"Result: Parcel(",
				"  0x00000000: 00000000 0000000f 00350033 00340035 '........3.5.5.4.'",
				"  0x00000010: 00300039 00360030 00390039 00370032 '9.0.0.6.9.9.2.7.'",
				"  0x00000020: 00390033 00000034                   '3.9.4...        ')",
				"",
			].join("\n"),
		);
	});

	test.each(PROFILES.map(({ id, sdk }) => [id, sdk] as const))("answers on %s for each slot there is", async (profile, sdk) => {
		const phone = testPhone({ profile });
		const code = sdk <= 29 ? 3 : 4;
		for (const [slot, imei] of phone.state.telephony.imeis.entries()) {
			const { stdout } = await say(phone, `service call iphonesubinfo ${code} i32 ${slot} s16 com.android.shell`);
			expect(parseSubscriberParcel(stdout)).toBe(imei);
		}
	});

	test("answers null, shown as dots, to a caller without a package and for a slot that is not there", async () => {
		const nothing = "Result: Parcel(00000000 ffffffff   '........')\n";
		expect((await say(testPhone(), "service call iphonesubinfo 4 i32 0")).stdout).toBe(nothing);
		expect(
			(await say(testPhone({ imeis: [KNOWN_IMEI] }), "service call iphonesubinfo 4 i32 1 s16 com.android.shell")).stdout,
		).toBe(nothing);
	});

	test("on Android 10 asks for slots with another code", async () => {
		const phone = testPhone({ faults: ["android-10"] });
		expect(parseSubscriberParcel((await say(phone, "service call iphonesubinfo 3 i32 1 s16 com.android.shell")).stdout)).toBe(
			"869409000000037",
		);
	});

	test.each([
		["miui13-a11-in", "The user 2000 does not meet the requirements to access device identifiers."],
		["hyperos2-a15-in", "The uid 2000 does not meet the requirements to access device identifiers."],
	])("refuses on %s with a SecurityException", async (profile, text) => {
		const { stdout } = await say(testPhone({ profile, faults: ["imei-refused"] }), CALL);
		expect(stdout).toMatch(/^Result: Parcel\(\n {2}0x00000000: ffffffff /);
		expect(parseSubscriberParcel(stdout)).toBe(`getDeviceIdForPhone: ${text}`);
	});

	test("a refusal's Parcel is whole words", () => {
		for (let length = 0; length < 9; length += 1) expect(securityExceptionParcel("x".repeat(length)).length % 4).toBe(0);
	});
});

describe("getprop", () => {
	test("carries IMEIs under every name of the build, counted from 0 or from 1", async () => {
		const { stdout } = await say(testPhone({ profile: "miui13-a11-in" }), "getprop");
		for (const line of [
			`[ro.ril.miui.imei0]: [${KNOWN_IMEI}]`,
			"[ro.ril.miui.imei1]: [869409000000037]",
			`[ro.ril.oem.imei1]: [${KNOWN_IMEI}]`,
			"[persist.radio.imei2]: [869409000000037]",
			"[sys.boot_completed]: [1]",
		]) {
			expect(stdout.split("\n")).toContain(line);
		}
	});

	test("prints an empty line for what is not set, and lets nobody set it", async () => {
		expect(await say(testPhone({ profile: "hyperos3-a16-global" }), "getprop ro.ril.miui.imei0")).toEqual({
			stdout: "\n",
			stderr: "",
			exitCode: 0,
		});
		expect((await say(testPhone(), "setprop persist.security.adbinput 1")).exitCode).toBe(1);
	});
});

describe("accounts and users", () => {
	test("are printed as Xiaomi prints them", async () => {
		const phone = testPhone({ profile: "miui13-a11-in", faults: ["account-xiaomi", "dual-apps"] });
		expect((await say(phone, "dumpsys account")).stdout).toContain(
			"User UserInfo{0:Owner:c13}:\n  Accounts: 1\n    Account {name=2807***558, type=com.xiaomi}\n",
		);
		expect((await say(phone, "pm list users")).stdout).toBe(
			"Users:\n\tUserInfo{0:Owner:c13} running\n\tUserInfo{999:XSpace:801010} running\n",
		);
		expect((await say(phone, "pm remove-user 999")).stderr).toBe("Error: couldn't remove user id 999\n");
	});

	test("a guest can be removed, and no user added once that is restricted", async () => {
		const phone = testPhone({ faults: ["guest-user"] });
		expect((await say(phone, "pm remove-user 11")).stdout).toBe("Success: removed user\n");
		phone.change((state) => ({ ...state, restrictions: ["addUser"] }));
		expect((await say(phone, "pm create-user x")).stderr).toBe("Error: couldn't create User.\n");
	});
});

describe("the security gate", () => {
	const closed = () => testPhone({ agent: "installed", faults: ["security-toggle-off"] });

	test.each([
		["pm grant dev.holdfast.agent android.permission.READ_PHONE_STATE", "android.permission.GRANT_RUNTIME_PERMISSIONS."],
		["settings put system font_scale 1", "com.android.shell was not granted WRITE_SETTINGS"],
		["settings put global adb_enabled 1", "WRITE_SECURE_SETTINGS"],
		[
			"input tap 1 1",
			"Injecting input events requires the caller (or the source of the instrumentation, if any) to have the INJECT_EVENTS permission.",
		],
	])("denies %s", async (line, text) => {
		const { stderr, exitCode } = await say(closed(), line);
		expect(stderr).toContain(text);
		expect(exitCode).toBe(255);
		expect((await say(testPhone({ agent: "installed" }), line)).exitCode).toBe(0);
	});

	test("leaves app-ops, doze and reading alone", async () => {
		const phone = closed();
		expect((await say(phone, "cmd appops set dev.holdfast.agent 10008 allow")).exitCode).toBe(0);
		expect((await say(phone, "cmd appops get dev.holdfast.agent 10008")).stdout).toBe("MIUIOP(10008): allow\n");
		expect((await say(phone, "cmd appops get dev.holdfast.agent 10020")).stdout).toBe("MIUIOP(10020): ignore\n");
		expect((await say(phone, "cmd deviceidle whitelist +dev.holdfast.agent")).stdout).toBe("Added: dev.holdfast.agent\n");
		expect((await say(phone, "cmd deviceidle whitelist")).stdout).toContain("user,dev.holdfast.agent,10321\n");
		expect((await say(phone, "settings get global boot_count")).stdout).toBe("1\n");
	});
});

describe("installing", () => {
	const apkPath = new URL("../../agent/hosts/android/build/holdfast-agent.apk", import.meta.url);
	const junk = new Uint8Array(100);

	test.each([
		["install-toggle-off", "Failure [INSTALL_FAILED_USER_RESTRICTED: Install canceled by user]\n"],
		["install-dialog-ignored:afterMs=1", "Failure [INSTALL_FAILED_USER_RESTRICTED: Install canceled by user]\n"],
		["install-isolation", "Failure [INSTALL_FAILED_HYPEROS_ISOLATION_VIOLATION]\n"],
	])("fails with %s", async (fault, text) => {
		expect(await say(testPhone({ faults: [fault] }), "cmd package install -r -S 100", stdinOf(junk))).toEqual({
			stdout: text,
			stderr: "",
			exitCode: 1,
		});
	});

	test("refuses what is no APK, and a stream that ends early", async () => {
		expect((await say(testPhone(), "pm install -S 100", stdinOf(junk))).stdout).toContain("INSTALL_PARSE_FAILED_NOT_APK");
		expect((await say(testPhone(), "pm install -S 101", stdinOf(junk))).stdout).toMatch(/^Failure \[/);
	});

	test.skipIf(!existsSync(apkPath))("reads the agent's APK as a phone does (skipped before scripts/build-apk ran)", async () => {
		const apk = new Uint8Array(readFileSync(apkPath));
		const phone = testPhone();
		const install = `cmd package install -r -S ${apk.length}`;
		await say(phone, "cmd deviceidle whitelist +dev.holdfast.agent");
		expect(await say(phone, install, stdinOf(apk))).toEqual({ stdout: "Success\n", stderr: "", exitCode: 0 });
		const path = (await say(phone, "pm path dev.holdfast.agent")).stdout.trim().slice("package:".length);
		expect(Buffer.from(phone.files.read(path) ?? []).equals(apk)).toBe(true); // toEqual takes seconds for so many bytes
		expect((await say(phone, "dumpsys package dev.holdfast.agent")).stdout).toContain("Package [dev.holdfast.agent]");
		expect((await say(phone, "dpm set-device-owner dev.holdfast.agent/.AdminReceiver")).exitCode).toBe(0);
		await say(phone, "cmd appops set dev.holdfast.agent 10008 allow");
		await say(phone, install, stdinOf(apk));
		expect((await say(phone, "cmd appops get dev.holdfast.agent 10008")).stdout).toBe("MIUIOP(10008): ignore\n");
		const foreign = testPhone({ faults: ["install-wrong-signer"] });
		expect((await say(foreign, install, stdinOf(apk))).stdout).toMatch(/^Failure \[INSTALL_FAILED_UPDATE_INCOMPATIBLE: /);
		const newer = testPhone({
			change: (state) => state,
			agent: "installed",
		});
		newer.change((state) => ({
			...state,
			packages: Object.fromEntries(
				Object.entries(state.packages).map(([name, found]) => [
					name,
					name === "dev.holdfast.agent"
						? { ...found, versionCode: 2_000_000_000, signerSha256: phone.package(name)?.signerSha256 ?? [] }
						: found,
				]),
			),
		}));
		expect((await say(newer, install, stdinOf(apk))).stdout).toMatch(/^Failure \[INSTALL_FAILED_VERSION_DOWNGRADE: /);
	});

	test("says what Xiaomi says about removing and freezing", async () => {
		const phone = testPhone({ agent: "installed", faults: ["uninstall-forbidden"] });
		expect((await say(phone, "pm uninstall dev.holdfast.agent")).stdout).toBe("Failure [DELETE_FAILED_INTERNAL_ERROR]\n");
		expect((await say(phone, "pm disable-user com.xiaomi.account")).stderr).toContain("Cannot disable miui core packages.");
		expect((await say(phone, "pm disable-user com.android.settings")).stderr).toContain("Cannot disable system packages.");
		expect(await say(phone, "pm path nobody.here")).toEqual({ stdout: "", stderr: "", exitCode: 1 });
	});
});

describe("content", () => {
	test.each([
		["miui13-a11-in", 0],
		["hyperos3-a16-cn", 1],
	])("without the agent says so on %s and ends with %i", async (profile, code) => {
		const said = await say(
			testPhone({ profile }),
			"content call --uri content://dev.holdfast.agent.cable --method deliver --arg AA==",
		);
		expect(said.stderr).toMatch(
			/^Error while accessing provider:dev\.holdfast\.agent\.cable\njava\.lang\.IllegalStateException: Could not find provider: dev\.holdfast\.agent\.cable\n/,
		);
		expect(said.exitCode).toBe(code);
	});

	const CALL = "content call --uri content://dev.holdfast.agent.cable --method deliver --arg";
	const answering = (options: Parameters<typeof testPhone>[0] = {}) => {
		const phone = testPhone({ agent: "owner", ...options });
		phone.cable = async (request) => Uint8Array.from(request).reverse();
		return phone;
	};

	test("carries a request in an argument, and the reply in a bundle", async () => {
		expect(await say(answering(), `${CALL} AQID`)).toEqual({
			stdout: "Result: Bundle[{reply=AwIB}]\n",
			stderr: "",
			exitCode: 0,
		});
	});

	test.each([
		["no argument", "content call --uri content://dev.holdfast.agent.cable --method deliver"],
		["no padding", `${CALL} AQI`],
		["the alphabet of addresses", `${CALL} __-_`],
		["something else", `${CALL} inbox:00ff`],
	])("is answered with a refusal by the agent's provider: %s", async (_, line) => {
		const base64 = readPrintedReply((await say(answering(), line)).stdout);
		const reply = decode(wire.CableReply, Buffer.from("base64" in base64 ? base64.base64 : "", "base64"));
		expect(reply.refused).toMatchObject({ code: "MALFORMED" });
	});

	test.each([
		["another method", {}, CALL.replace("deliver", "query"), "unknown-method"],
		["root", { faults: ["adb-root"] }, CALL, "wrong-caller"],
		["a process that ends in the middle", { faults: ["agent-crashes"] }, CALL, "process-died"],
		["a provider that is not there", {}, CALL.replace("agent.cable", "agent.other"), "provider-missing"],
		["a file to be written", {}, "content write --uri content://dev.holdfast.agent.cable/inbox/00ff", "unknown"],
		["rows", {}, "content query --uri content://dev.holdfast.agent.cable", "unknown-method"],
	])("prints the exception for %s", async (_, options, line, failure) => {
		const { stdout, stderr, exitCode } = await say(answering(options), line.endsWith("--arg") ? `${line} AQID` : line);
		expect({ stdout, exitCode }).toEqual({ stdout: "", exitCode: 1 });
		expect(stderr).toMatch(/^Error while accessing provider:dev\.holdfast\.agent\.\w+\n(?:java|android)\.[\w.]+/);
		expect(cableFailureIn(stderr)).toBe(failure);
	});

	test("has no provider while the agent is disabled", async () => {
		const phone = answering();
		phone.change((state) => {
			const agent = phone.package(AGENT_PACKAGE);
			return agent ? { ...state, packages: { ...state.packages, [AGENT_PACKAGE]: { ...agent, enabled: false } } } : state;
		});
		expect(cableFailureIn((await say(phone, `${CALL} AQID`)).stderr)).toBe("provider-missing");
	});
});

describe("a phone that is not ready", () => {
	test("in the wizard of Android 16 answers nothing but trade-in mode", async () => {
		const phone = testPhone({ profile: "hyperos3-a16-global", faults: ["foyer"] });
		expect(await say(phone, "dpm list-owners")).toEqual({
			stdout: "",
			stderr: "/system/bin/sh: dpm: inaccessible or not found\n",
			exitCode: 127,
		});
		expect(JSON.parse((await say(phone, "tradeinmode getstatus")).stdout).imeis).toEqual([KNOWN_IMEI, "869409000000037"]);
	});

	test("while starting has properties but no services", async () => {
		const phone = testPhone({ faults: ["still-booting"] });
		expect((await say(phone, "getprop sys.boot_completed")).stdout).toBe("\n");
		expect((await say(phone, "pm list users")).stderr).toBe("cmd: Can't find service: package\n");
	});
});
