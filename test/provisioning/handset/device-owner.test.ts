import { describe, expect, it } from "vitest";

import { readOwner, setOwner } from "../../../provisioning/handset/device-owner.ts";
import type { FaultError } from "../../../provisioning/handset/fault.ts";
import { type Answer, fakePort } from "./fake-port.ts";

const US = "dev.holdfast.agent/.AdminReceiver";
const A14 = { build: { sdk: 34 } };
const OWNED = `1 owner:\nUser  0: admin=${US},DeviceOwner,Affiliated\n`;
const SUCCESS = `Success: Device owner set to package ${US}\nActive admin set to component ${US}\n`;
const NO_ACCOUNTS = "User UserInfo{0:Owner:c13}:\n  Accounts: 0\n";

const refused = (message: string) => ({
	stderr: `\nException occurred while executing 'set-device-owner':\njava.lang.IllegalStateException: ${message}.\n\tat com.android.server.devicepolicy.DevicePolicyManagerService.setDeviceOwner(X.java:1)\n`,
	exitCode: 255,
});

/** A phone that answers the tries one after the other (the last one again and again), and the owner that follows from them. */
function phone({
	tries,
	owner,
	accounts = NO_ACCOUNTS,
}: {
	tries: ReturnType<Answer>[];
	owner: (triesSoFar: number) => ReturnType<Answer>;
	accounts?: string;
}) {
	let tried = 0;
	const port = fakePort((args) => {
		if (args[1] === "set-device-owner") {
			tried += 1;
			return tries[Math.min(tried, tries.length) - 1];
		}
		if (args[1] === "list-owners" || args[1] === "device_policy") return owner(tried);
		return args[1] === "account" ? accounts : undefined;
	}, "sections");
	return { port, tries: () => tried };
}

function patience() {
	const waits: number[] = [];
	const notes: string[] = [];
	return { waits, notes, pause: async (ms: number) => void waits.push(ms), note: (text: string) => void notes.push(text) };
}

const faultOf = (work: Promise<unknown>) =>
	work.then(
		() => undefined,
		(error: FaultError) => error.fault,
	);

describe("setting the owner", () => {
	it("is done when the owner reads back", async () => {
		const { port, tries } = phone({ tries: [SUCCESS], owner: () => OWNED });
		const waited = patience();
		await setOwner(port, US, A14, waited);
		expect(tries()).toBe(1);
		expect(port.calls).toEqual([`dpm set-device-owner ${US}`, "dpm list-owners"]);
		expect(waited.waits).toEqual([]);
	});

	it("is done when the owner reads back, whatever the phone said", async () => {
		const { port } = phone({ tries: [refused("something nobody has seen")], owner: () => OWNED });
		await setOwner(port, US, A14, patience());
	});

	it("is not done by the word Success alone", async () => {
		const { port, tries } = phone({ tries: [SUCCESS], owner: () => "no owners\n" });
		expect((await faultOf(setOwner(port, US, A14, patience())))?.code).toBe("DPM_NOT_ACTIVE");
		expect(tries()).toBe(2);
	});

	it("is not done by 'was already an admin' of Android 13", async () => {
		const trap = `${US} was already an admin for user 0. No need to set it again.\n`;
		const { port } = phone({ tries: [{ stdout: trap, exitCode: 0 }], owner: () => "no owners\n" });
		expect((await faultOf(setOwner(port, US, A14, patience())))?.code).toBe("UNCLASSIFIED");
	});

	it("reads the owner as Android 11 tells it", async () => {
		const state = "Current Device Policy Manager state:\n";
		const owned = `${state}  Device Owner: \n    admin=ComponentInfo{dev.holdfast.agent/dev.holdfast.agent.AdminReceiver}\n`;
		const { port } = phone({
			tries: ["Success: Device owner set to package x\n"],
			owner: (tried) => (tried > 0 ? owned : state),
		});
		const a11 = { build: { sdk: 30 } };
		expect(await readOwner(port, a11)).toBeUndefined();
		await setOwner(port, US, a11, patience());
		expect(await readOwner(port, a11)).toEqual({ component: US });
		expect(port.calls).toContain("dumpsys device_policy");
	});

	it("waits for the phone to forget an account that is gone, and tells the operator", async () => {
		const gone = refused("Not allowed to set the device owner because there are already some accounts on the device");
		const { port, tries } = phone({ tries: [gone, gone, SUCCESS], owner: (tried) => (tried >= 3 ? OWNED : "no owners\n") });
		const waited = patience();
		await setOwner(port, US, A14, waited);
		expect(tries()).toBe(3);
		expect(waited.waits).toEqual([10_000, 10_000]);
		expect(waited.notes).toHaveLength(2);
	});

	it("does not wait for an account that is really there", async () => {
		const there = refused("Not allowed to set the device owner because there are already some accounts on the device");
		const accounts = "User UserInfo{0:Owner:c13}:\n  Accounts: 1\n    Account {name=a, type=com.google}\n";
		const { port, tries } = phone({ tries: [there], owner: () => "no owners\n", accounts });
		const waited = patience();
		expect(await faultOf(setOwner(port, US, A14, waited))).toMatchObject({
			code: "DPM_ACCOUNTS_PRESENT",
			details: { accounts: "user 0: com.google" },
		});
		expect([tries(), waited.waits]).toEqual([1, []]);
	});

	it.each([
		["Trying to set an admin which is being removed", "DPM_ADMIN_REMOVING", [5_000, 5_000, 5_000]],
		["User 0 not running", "DPM_USER_NOT_RUNNING", Array(6).fill(5_000)],
		["Unknown admin: ComponentInfo{x/y}", "DPM_UNKNOWN_ADMIN", [2_000, 2_000]],
		["Not allowed to set the device owner because there are already several users on the device", "DPM_USERS_PRESENT", []],
		["Unexpected @ProvisioningPreCondition: 99", "DPM_OEM_RULE", []],
		["Trying to set the device owner, but the user already has a profile owner", "DPM_PROFILE_OWNER", []],
		["something nobody has seen", "UNCLASSIFIED", []],
	])("tries again only what passes by itself, and not for ever: %s", async (message, code, waits) => {
		const { port } = phone({ tries: [refused(message)], owner: () => "no owners\n" });
		const waited = patience();
		const fault = await faultOf(setOwner(port, US, A14, waited));
		expect(fault?.code).toBe(code);
		expect(fault?.raw).toContain(message);
		expect(waited.waits).toEqual(waits);
	});

	it("stops at somebody else's owner, whatever the phone said", async () => {
		const { port } = phone({ tries: [SUCCESS], owner: () => "1 owner:\nUser  0: admin=q/.S,DeviceOwner\n" });
		expect(await faultOf(setOwner(port, US, A14, patience()))).toMatchObject({
			code: "DPM_OWNER_EXISTS",
			details: { owner: "q/.S" },
		});
	});

	it("gets over a service that restarts in the middle, when the owner cannot be read either", async () => {
		const dead = { stderr: "android.os.DeadObjectException\n", exitCode: 255 };
		const down = { stderr: "cmd: Can't find service: device_policy\n", exitCode: 20 };
		const { port } = phone({ tries: [dead, SUCCESS], owner: (tried) => (tried >= 2 ? OWNED : down) });
		const waited = patience();
		await setOwner(port, US, A14, waited);
		expect(waited.waits).toEqual([5_000]);
		const still = phone({ tries: [dead], owner: () => down });
		expect((await faultOf(readOwner(still.port, A14)))?.code).toBe("DPM_SERVICE_DOWN");
	});
});
