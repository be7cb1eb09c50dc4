import { describe, expect, it } from "vitest";

import { encode } from "../../../proto/codec.ts";
import { nobleCrypto } from "../../../proto/noble-crypto.ts";
import { wire } from "../../../proto/wire.ts";
import { FaultError, faultError } from "../../../provisioning/handset/fault.ts";
import { answerQuestions, type ReadingOutcome } from "../../../provisioning/handset/hardware-answers.ts";
import { HARDWARE_CHECKLIST, HARDWARE_QUESTIONS } from "../../../provisioning/handset/hardware-checklist.ts";
import { keptLines, READINGS } from "../../../provisioning/handset/hardware-readings.ts";
import type { HandsetPort, ShellResult } from "../../../provisioning/handset/port.ts";
import { makeHardwareReport, type ReportRequest } from "../../../provisioning/procedure/hardware-report.ts";

const reading = (name: string) => {
	const found = READINGS.find((each) => each.name === name);
	if (!found) throw new Error(`no reading ${name}`);
	return found;
};

/** A phone that answers scripts from a table; what is not in it ends with 127. `hangs` never ends by itself. */
function phone(answers: (script: string) => string | Partial<ShellResult> | "hangs" | undefined): HandsetPort {
	const run = (script: string, signal?: AbortSignal): Promise<ShellResult> => {
		const given = answers(script) ?? { stderr: "/system/bin/sh: x: inaccessible or not found", exitCode: 127 };
		if (given !== "hangs")
			return Promise.resolve({ stdout: "", stderr: "", exitCode: 0, ...(typeof given === "string" ? { stdout: given } : given) });
		return new Promise((_, reject) => {
			const end = () => reject(faultError("CANCELLED"));
			if (signal?.aborted) end();
			signal?.addEventListener("abort", end);
		});
	};
	return {
		adbSerial: "FAKE",
		gone: new Promise(() => {}),
		shell: (args, options) => run(args.join(" "), options?.signal),
		script: (text, options) => run(text, options?.signal),
		push: async () => {},
		install: () => run("install"),
		close: async () => {},
	};
}

function requestFor(port: HandsetPort, more: Partial<ReportRequest> = {}): ReportRequest {
	return {
		port,
		crypto: nobleCrypto,
		clock: { nowMs: () => Date.now(), pause: async () => {} },
		randomBytes: (length) => new Uint8Array(length),
		tool: "test",
		withIdentifiers: false,
		salt: new Uint8Array(32),
		signal: new AbortController().signal,
		within: () => AbortSignal.timeout(15),
		...more,
	};
}

describe("the checklist", () => {
	it("has numbers that are given once, and words in each column", () => {
		const numbers = HARDWARE_QUESTIONS.map(({ number }) => number);
		expect(new Set(numbers).size).toBe(numbers.length);
		for (const { question, command, next } of HARDWARE_QUESTIONS) {
			expect(question).toMatch(/[?.]$/);
			for (const text of [command, next]) expect(text.length).toBeGreaterThan(10);
		}
		expect(HARDWARE_CHECKLIST.length).toBeGreaterThan(4);
	});

	it("is answered by readings that there are", () => {
		const names = new Set([...READINGS.map(({ name }) => name), "provider"]);
		for (const { from } of answerQuestions({ readings: [], provider: {} }))
			for (const name of from) expect(names).toContain(name);
	});
});

describe("a report", () => {
	it("says of a command that does not end that it was late, and goes on to the next", async () => {
		const report = await makeHardwareReport(
			requestFor(
				phone((script) => (script.startsWith("dumpsys user") ? "hangs" : script === "getconf PAGE_SIZE" ? "4096\n" : "")),
			),
		);
		const outcome = (name: string) => report.readings.find((each) => each.name === name)?.outcome;
		expect(outcome("users and restrictions")).toBe("late");
		expect(outcome("uptime")).toBe("read");
		expect(report.complete).toBe(true);
		expect(report.readings.map(({ name }) => name)).toEqual(READINGS.map(({ name }) => name));
	});

	it("does not wait for each command of a phone that is frozen", async () => {
		let asked = 0;
		const frozen = phone((script) => {
			asked += 1;
			return script.startsWith("pm list features") || asked > 8 ? "hangs" : "";
		});
		const report = await makeHardwareReport(requestFor(frozen));
		expect(report.readings.map(({ outcome }) => outcome).filter((outcome) => outcome === "late")).toHaveLength(1);
		expect(report.readings.at(-1)?.outcome).toBe("not tried");
		expect(report.complete).toBe(false);
	});

	it("of a phone that answers nothing knows nothing", async () => {
		const report = await makeHardwareReport(requestFor(phone(() => undefined)));
		expect(report.checklist.filter(({ verdict }) => verdict === "known")).toEqual([]);
		expect(report.readings.every(({ outcome, why }) => outcome === "failed" && why !== "")).toBe(true);
	});

	it("ends when it is cancelled", async () => {
		const cancelled = AbortSignal.abort();
		await expect(
			makeHardwareReport(
				requestFor(
					phone(() => ""),
					{ signal: cancelled },
				),
			),
		).rejects.toBeInstanceOf(FaultError);
	});

	it("believes no phone that floods it: lines are few, short and plain", async () => {
		const flood = `[ro.product.model]: [\u001b]0;x\u0007${"y".repeat(5000)}]\n`.repeat(3000);
		const report = await makeHardwareReport(requestFor(phone(() => flood)));
		expect(JSON.stringify(report).length).toBeLessThan(400_000);
		expect(JSON.stringify(report)).not.toMatch(/\\u001b|\\u0007/);
	});

	it("keeps contract and device out of it even where the agent's log names them", async () => {
		const identity = { contractId: "CONTRACT-4711", deviceId: "device-4711", agentVersion: "1", imeis: ["869071030058052"] };
		const reply = Buffer.from(encode(wire.CableReply, { identity })).toString("base64");
		const report = await makeHardwareReport(
			requestFor(
				phone((script) => {
					if (script.includes("--method deliver")) return `Result: Bundle[{reply=${reply}}]\n`;
					if (script.startsWith("logcat -d -v")) return "1 I Holdfast: CONTRACT-4711 on device-4711, 869071030058052";
					return "";
				}),
			),
		);
		expect(report.provider.identity).toMatchObject({ bound: true, imeisRead: 1 });
		expect(JSON.stringify(report)).not.toMatch(/4711|869071030058052/);
		expect(report.readings.find(({ name }) => name === "log")?.lines[0]).toMatch(/^1 I Holdfast: <contract:/);
	});
});

describe("what of an output is kept", () => {
	it("is nobody's account, number or name", () => {
		const accounts =
			"  Accounts: 2\n    Account {name=anna@example.org, type=com.google}\n    Account {name=28***8, type=com.xiaomi}\n";
		expect(keptLines(reading("account types"), accounts)).toEqual(["com.google: 1", "com.xiaomi: 1"]);
		const parcel = "Result: Parcel(\n  0x00000000: 00000000 0000000f 00350033 00340035 '........3.5.5.4.'\n";
		expect(keptLines(reading("imei service"), parcel)).toEqual(["a text of 15 characters"]);
		expect(keptLines(reading("imei service"), "Result: Parcel(00000000 ffffffff   '........')\n")).toEqual(["nothing"]);
		expect(keptLines(reading("imei service"), "Result: Parcel(\n  0x00000000: ffffffff 00000047 00650067 '....'")).toEqual([
			"refused",
		]);
		const props = "[ro.ril.oem.imei1]: [869071030058052]\n[gsm.operator.alpha]: [Telcel]\n[ro.product.model]: [M]\n";
		expect(keptLines(reading("imei properties"), props)).toEqual(["ro.ril.oem.imei1: an IMEI"]);
		expect(keptLines(reading("properties"), props)).toEqual(["[ro.product.model]: [M]"]);
		expect(keptLines(reading("find device setting"), "find_device_enabled=1\nfind_owner=anna\n")).toEqual([
			"find_device_enabled=1",
			"find_owner=",
		]);
	});

	it("is the agent's own alarm, and not its neighbours'", () => {
		const dump = [
			"    RTC #1: Alarm{1 type 0 com.other.app}",
			"      tag=*walarm*:com.other.app/.Secret",
			"    RTC_WAKEUP #3: Alarm{2 type 0 dev.holdfast.agent}",
			"      tag=*walarm*:dev.holdfast.agent/.AlarmReceiver",
			"      type=RTC_WAKEUP window=0",
			"    RTC #2: Alarm{3 type 0 com.third.app}",
			"      tag=*walarm*:com.third.app/.Secret",
		].join("\n");
		expect(keptLines(reading("alarms"), dump).join("\n")).toMatch(/^RTC_WAKEUP #3[\s\S]*window=0$/);
		expect(keptLines(reading("alarms"), dump).join("\n")).not.toMatch(/other|third|Secret/);
	});
});

describe("an answer", () => {
	const outcome = (name: string, ...lines: string[]): ReadingOutcome => ({ name, script: "", outcome: "read", lines });
	const identity = {
		agentVersion: "1",
		deviceOwner: true,
		bound: true,
		confirmed: true,
		standing: "STANDING_UNLOCKED",
		sealed: false,
		postureDrift: ["factoryReset"],
		attestationChanged: false,
		imeisRead: 2,
	};
	const answer = (number: number, readings: readonly ReadingOutcome[], provider = {}) => {
		const found = answerQuestions({ readings, provider }).find((each) => each.number === number);
		return [found?.verdict, found?.answer];
	};

	it("to the question before the first unlock is known only of a phone that is locked", () => {
		const locked = outcome("users and restrictions", "State: RUNNING_LOCKED");
		expect(answer(11, [locked], { identity })).toEqual(["known", "yes: it answers, and the first user is still locked"]);
		expect(answer(11, [locked], { problem: "AGENT_UNREACHABLE" })).toEqual(["known", "no: AGENT_UNREACHABLE"]);
		expect(answer(11, [outcome("users and restrictions", "State: RUNNING_UNLOCKED")], { identity })[0]).toBe("needs a person");
	});

	it("to whether the engine loads is no where the log says so, whoever answered", () => {
		const crashes = outcome("crashes", "java.lang.UnsatisfiedLinkError: dlopen failed: cannot locate symbol");
		expect(answer(4, [crashes], { identity })[1]).toMatch(/^no: UnsatisfiedLinkError: dlopen failed/);
		expect(answer(3, [outcome("crashes", "java.lang.VerifyError: Verifier rejected class")])[1]).toMatch(/^no: VerifyError/);
		expect(answer(5, [outcome("log", "1 I Holdfast: self-check passed")])).toEqual(["known", "self-check passed"]);
	});

	it("names what a lock holds and what does not hold, and leaves the trying to a person", () => {
		const users = outcome("users and restrictions", "Effective restrictions:", "no_safe_boot", "no_add_user");
		expect(answer(29, [users], { identity })).toEqual([
			"needs a person",
			"Android holds no_safe_boot, no_add_user; not held: factoryReset",
		]);
		expect(answer(28, [outcome("lock task", "mLockTaskModeState=LOCKED")])[0]).toBe("known");
		expect(answer(30, [outcome("owners"), users])[1]).toContain("still held: no_safe_boot");
	});

	it("takes an owner that is somebody else, or our admin without the phone, for no owner of ours", () => {
		const other = outcome("owners", "Device Owner:", "admin=ComponentInfo{com.other/.A}", "Enabled Device Admins (User 0)");
		const admin = outcome("owners", "Enabled Device Admins (User 0)", "admin=ComponentInfo{dev.holdfast.agent/.AdminReceiver}");
		for (const owners of [other, admin]) expect(answer(2, [owners])[0]).toBe("unknown");
	});
});
