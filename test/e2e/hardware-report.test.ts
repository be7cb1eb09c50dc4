import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { HARDWARE_QUESTIONS } from "../../provisioning/handset/hardware-checklist.ts";
import type { HardwareReport } from "../../provisioning/procedure/hardware-report.ts";
import type { LabHandset } from "../lab/lab.ts";
import { holdfastJson, startHoldfast } from "./holdfast-process.ts";
import { worldOfThisFile } from "./test-world.ts";

// What comes back from a phone that nobody of us has ever held: it must say which question it answers, claim nothing that was not read,
// and name nobody.

const here = worldOfThisFile("hardware");
let folder: string;
beforeAll(() => {
	folder = mkdtempSync(join(tmpdir(), "holdfast-hardware-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let files = 0;
async function reportOf(handset: LabHandset, ...more: string[]): Promise<{ report: HardwareReport; text: string; file: string }> {
	files += 1;
	const file = join(folder, `report-${files}.json`);
	const args = ["doctor", "-s", handset.adbSerial, "--hardware-report", file, ...more];
	const { code, document, stderr } = await holdfastJson(args, { env: here.world.env });
	expect(code, stderr).toBe(0);
	expect(document).toMatchObject({ ok: true, file });
	const text = readFileSync(file, "utf8");
	return { report: JSON.parse(text), text, file };
}

const verdictOf = (report: HardwareReport, number: number) => report.checklist.find((each) => each.number === number)?.verdict;
const answerOf = (report: HardwareReport, number: number) => report.checklist.find((each) => each.number === number)?.answer;

/** Nothing that names the phone or anybody: its numbers, in parts either, and the names that the lab's users carry. */
function expectNobodyNamed(text: string, handset: LabHandset): void {
	for (const secret of [handset.serial, ...handset.imeis, ...handset.imeis.map((imei) => imei.slice(0, 14))])
		expect(text).not.toContain(secret);
	expect(text).not.toMatch(/(?<![\w.])\d{14,20}(?![\w.])/);
	expect(text).not.toMatch(/Anna|Dentist|Owner:c13|com\.example/);
}

const PROFILES = ["miui13-a11-in", "miui14-a13-eea", "hyperos1-a14-in", "hyperos2-a15-global", "hyperos3-a16-cn"];

describe.each(PROFILES)("a report of an enrolled %s", (profile) => {
	test("answers what a command can tell, under the numbers of the checklist, and names nobody", async () => {
		const handset = await here.world.lab.add({ profile });
		await here.world.enterContract(`HW-${profile}`, handset);
		const enrolled = await here.world.holdfast("enroll", `HW-${profile}`, "-s", handset.adbSerial, "--no-seal");
		expect(enrolled.code, enrolled.stderr).toBe(0);
		const { report, text, file } = await reportOf(handset);

		expect(report.checklist.map(({ number }) => number)).toEqual(HARDWARE_QUESTIONS.map(({ number }) => number));
		expect(statSync(file).mode & 0o777).toBe(0o600);
		expectNobodyNamed(text, handset);
		expect(text).not.toContain(`HW-${profile}`);
		expect(report.phone.serial).toMatch(/^<serial:[0-9a-f]{10}>$/);
		expect(report.complete).toBe(true);
		expect(report.adbFeatures).toContain("shell_v2");

		expect(answerOf(report, 1)).toMatch(new RegExp(`^yes: 0\\.1\\.0, on Android ${/a(\d+)-/.exec(profile)?.[1]}$`));
		expect(answerOf(report, 2)).toBe("yes");
		expect(answerOf(report, 3)).toBe("yes: it runs, compiled as verify");
		expect(answerOf(report, 4)).toBe(`yes: arm64-v8a, pages of ${profile.includes("a16") ? 16384 : 4096} bytes`);
		expect(answerOf(report, 6)).toMatch(
			/^about \d+ ms for a Hello, its signature included, of a whole call of \d+ ms \(p95 \d+ ms, 15 times\)$/,
		);
		expect(answerOf(report, 10)).toBe("yes");
		expect(answerOf(report, 13)).toBe("yes: 131071 characters");
		expect(answerOf(report, 19)).toBe("there is none");
		expect(answerOf(report, 21)).toMatch(handset.state.telephony.imeiProps.length > 0 ? /^yes: \w/ : /^no$/);
		expect(answerOf(report, 22)).toBe("a text of 15 characters");
		expect(answerOf(report, 32)).toBe(
			"com.google.android.dialer, com.google.android.apps.messaging, com.google.android.inputmethod.latin",
		);
		expect(answerOf(report, 35)).toBe("alarm: yes, job: yes");
		expect(answerOf(report, 41)).toBe("yes");
		// What a command cannot tell is never called known, whatever it hints at.
		for (const number of [7, 12, 26, 27, 31, 33, 38, 42, 43, 45, 47]) expect(verdictOf(report, number)).toBe("needs a person");
		expect(verdictOf(report, 5)).toBe("unknown");
		expect(report.provider.identity).toMatchObject({ bound: true, deviceOwner: true, sameImeisAsProperties: true });
		await handset.close();
	}, 60_000);
});

describe("a report", () => {
	test("of a phone without the agent knows little, and claims nothing of it", async () => {
		const handset = await here.world.lab.add({ profile: "hyperos2-a15-in", faults: ["dual-apps"] });
		const { report, text } = await reportOf(handset);
		for (const number of [1, 2, 3, 4, 5, 6, 10, 13, 35]) expect(verdictOf(report, number), String(number)).toBe("unknown");
		expect(report.provider.problem).toMatch(/^AGENT_UNREACHABLE: the agent is not installed/);
		expectNobodyNamed(text, handset);
		expect(text).toContain("UserInfo{999:-:801010}");
		await handset.close();
	});

	test("gives one phone one token from one station, and another from another", async () => {
		const handset = await here.world.lab.add({ profile: "hyperos2-a15-in" });
		const [one, two] = [await reportOf(handset), await reportOf(handset)];
		expect(one.report.phone).toEqual(two.report.phone);
		const elsewhere = join(folder, "elsewhere.json");
		const args = ["doctor", "-s", handset.adbSerial, "--hardware-report", elsewhere];
		await holdfastJson(args, { env: { ...here.world.env, HOLDFAST_STATE: join(folder, "other-station") } });
		expect(JSON.parse(readFileSync(elsewhere, "utf8")).phone.serial).not.toBe(one.report.phone.serial);
		const salt = join(folder, "other-station/report-salt");
		expect(statSync(salt).mode & 0o777).toBe(0o600);
		expect(readFileSync(elsewhere, "utf8")).not.toContain(readFileSync(salt).toString("hex"));
		await handset.close();
	});

	test("has serial number and IMEIs in clear when that is asked for, and says so", async () => {
		const handset = await here.world.lab.add({ profile: "hyperos2-a15-global" });
		const { report } = await reportOf(handset, "--with-identifiers");
		expect(report.phone).toEqual({ serial: handset.serial, imeis: handset.imeis });
		expect(report.identifiers).toBe("in clear");
		expect(report.contents.join(" ")).toContain("In clear, because it was asked for");
		await handset.close();
	});

	test.each([
		["agent-crashes", /^AGENT_UNREACHABLE: the agent's process ended/],
		["adb-root", /^AGENT_UNREACHABLE: .*not root/],
		["agent-rubbish", /^AGENT_REPLY_INVALID/],
	])(
		"tells what is wrong with an agent that does not answer: %s",
		async (fault, problem) => {
			const handset = await here.world.lab.add({ profile: "hyperos1-a14-in", faults: [fault] });
			await here.world.enterContract(`HWF-${fault}`, handset);
			await here.world.holdfast("enroll", `HWF-${fault}`, "-s", handset.adbSerial, "--no-seal");
			const { report } = await reportOf(handset);
			expect(report.provider.problem).toMatch(problem);
			expect(answerOf(report, 10)).toMatch(/^no: AGENT_/);
			expect(verdictOf(report, 6)).toBe("unknown");
			await handset.close();
		},
		60_000,
	);

	test("of a phone that is still starting names each command that failed", async () => {
		const handset = await here.world.lab.add({ profile: "hyperos2-a15-in", faults: ["still-booting"] });
		const { report } = await reportOf(handset);
		const failed = report.readings.filter(({ outcome }) => outcome === "failed");
		expect(failed.map(({ name }) => name)).toEqual(expect.arrayContaining(["features", "app-ops"]));
		for (const { why } of failed) expect(why).not.toBe("");
		expect(report.complete).toBe(true);
		await handset.close();
	});

	test("is written also when the phone leaves in the middle, with what was read, and ends with 3", async () => {
		const handset = await here.world.lab.add({ profile: "hyperos2-a15-in", faults: ["unplug:atCommand=9"] });
		const file = join(folder, "left.json");
		const args = ["doctor", "-s", handset.adbSerial, "--hardware-report", file];
		const { code } = await holdfastJson(args, { env: here.world.env });
		expect(code).toBe(3);
		const report: HardwareReport = JSON.parse(readFileSync(file, "utf8"));
		expect(report.complete).toBe(false);
		expect(report.readings[0]?.outcome).toBe("read");
		expect(report.readings.at(-1)?.outcome).toBe("not tried");
		expect(verdictOf(report, 2)).toBe("unknown");
		expectNobodyNamed(JSON.stringify(report), handset);
		await handset.close();
	});

	test("overwrites nothing without --force, follows no link, and leaves no draft behind", async () => {
		const handset = await here.world.lab.add({ profile: "hyperos2-a15-in" });
		const at = (name: string) => join(folder, name);
		const [file, target, symbolic] = [at("mine.json"), at("target.json"), at("link.json")] as const;
		writeFileSync(file, "mine");
		writeFileSync(target, "mine");
		symlinkSync(target, symbolic);
		const run = (path: string, ...more: string[]) =>
			startHoldfast(["doctor", "-s", handset.adbSerial, "--hardware-report", path, ...more], { env: here.world.env }).ended;
		for (const path of [file, symbolic]) {
			const refused = await run(path);
			expect(refused.code).toBe(64);
			expect(refused.stderr).toContain("--force");
			expect(readFileSync(path, "utf8")).toBe("mine");
		}
		expect((await run(symbolic, "--force")).code).toBe(0);
		expect(readFileSync(target, "utf8")).toBe("mine");
		expect(JSON.parse(readFileSync(symbolic, "utf8")).schema).toBe(1);
		expect((await run(join(folder, "no/such/folder.json"))).code).toBe(64);
		expect(readdirSync(folder).filter((name) => name.endsWith(".draft"))).toEqual([]);
		await handset.close();
	}, 60_000);

	test("takes no flags of its own without being asked for", async () => {
		const { code, stderr } = await startHoldfast(["doctor", "--with-identifiers"], { env: here.world.env }).ended;
		expect(code).toBe(64);
		expect(stderr).toContain("--hardware-report");
		expect(existsSync(join(folder, "undefined"))).toBe(false);
	});
});
