import { execFile, spawnSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { describe, expect, test } from "vitest";

import { readApk } from "../../provisioning/handset/apk.ts";
import type { LabHandset } from "../lab/lab.ts";
import { cuttableCable } from "./cuttable-cable.ts";
import { startHoldfast } from "./holdfast-process.ts";
import { seededRandom } from "./seeded-random.ts";
import { worldOfThisFile } from "./test-world.ts";

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const APKS = join(ROOT, "agent/hosts/android/build");
const PROFILE = "hyperos1-a14-in";
const CUTS = 24;

const here = worldOfThisFile("bad");

async function contracted(contractId: string): Promise<LabHandset> {
	const handset = await here.world.lab.add({ profile: PROFILE });
	await here.world.enterContract(contractId, handset);
	return handset;
}

async function stateOf(contractId: string): Promise<string | undefined> {
	return (await here.world.admin.getContract(contractId)).enrollment?.state;
}

describe("a cable that is cut", () => {
	test(`at any of ${CUTS} random bytes costs no more than plugging it in again`, async () => {
		const random = seededRandom(7);
		const whole = await bytesOfAnEnrolment();
		for (let index = 0; index < CUTS; index += 1) {
			const contractId = `CUT-${index}`;
			const handset = await contracted(contractId);
			const cable = await cuttableCable(handset.port);
			const at = Math.floor(random() * whole);
			cable.cutAfter(at);
			const { code, stderr } = await startHoldfast(["enroll", contractId, "-s", `tcp:127.0.0.1:${cable.port}`, "--no-input"], {
				env: here.world.env,
			}).ended;
			expect(code, `cut after ${at} of ${whole} bytes: ${stderr}`).toBe(0);
			expect(await stateOf(contractId)).toBe("sealed");
			await cable.close();
			await handset.close();
		}
	}, 300_000);
});

async function bytesOfAnEnrolment(): Promise<number> {
	const handset = await contracted("CUT-none");
	const cable = await cuttableCable(handset.port);
	const { code, stderr } = await startHoldfast(["enroll", "CUT-none", "-s", `tcp:127.0.0.1:${cable.port}`, "--no-input"], {
		env: here.world.env,
	}).ended;
	expect(code, stderr).toBe(0);
	const carried = cable.carried();
	await cable.close();
	await handset.close();
	return carried;
}

describe("an APK that must not go to a borrower's phone", () => {
	test.each([
		["testOnly", "APK_TEST_ONLY"],
		["debuggable", "APK_DEBUGGABLE"],
	])(
		"is refused before the phone is touched: %s",
		async (variant, code) => {
			await run(join(ROOT, "scripts/build-apk"), ["--variant", variant]);
			const handset = await contracted(`APK-${variant}`);
			const apk = join(APKS, `holdfast-agent-${variant}.apk`);
			const { document } = await here.world.holdfast("enroll", `APK-${variant}`, "-s", handset.adbSerial, "--apk", apk);
			expect(document.fault).toMatchObject({ code });
			expect(handset.state.packages["dev.holdfast.agent"]).toBeUndefined();
			await handset.close();
		},
		60_000,
	);

	test("is refused when somebody else signed it", async () => {
		await run(join(ROOT, "scripts/build-apk"), ["--variant", "otherSigner"]);
		const [ours = ""] = readApk(new Uint8Array(await readFile(join(APKS, "holdfast-agent.apk")))).signerSha256;
		const handset = await contracted("APK-signer");
		const apk = join(APKS, "holdfast-agent-otherSigner.apk");
		const { document } = await here.world.holdfast(
			"enroll",
			"APK-signer",
			"-s",
			handset.adbSerial,
			"--apk",
			apk,
			"--apk-signer",
			ours,
		);
		expect(document.fault).toMatchObject({ code: "APK_WRONG_SIGNER" });
		expect(handset.state.packages["dev.holdfast.agent"]).toBeUndefined();
		await handset.close();
	}, 60_000);

	test("is refused when it is rubbish", async () => {
		const handset = await contracted("APK-rubbish");
		const { document } = await here.world.holdfast(
			"enroll",
			"APK-rubbish",
			"-s",
			handset.adbSerial,
			"--apk",
			join(ROOT, "LICENSE"),
		);
		expect(document.fault).toMatchObject({ code: "APK_UNREADABLE" });
		await handset.close();
	});
});

describe("a station whose disk is full", () => {
	const canMount = spawnSync("unshare", ["-Urm", "true"]).status === 0;

	test.skipIf(!canMount)(
		"is told so before the phone is touched",
		async () => {
			const handset = await contracted("FULL");
			const state = join(here.folder, "tiny");
			const script = `mkdir -p "$0" && mount -t tmpfs -o size=4k tmpfs "$0" && head -c 4096 /dev/zero >"$0/ballast"; shift 0; exec "$@"`;
			const command = [
				process.execPath,
				join(ROOT, "scripts/holdfast"),
				"enroll",
				"FULL",
				"-s",
				handset.adbSerial,
				"--json",
				"--no-input",
			];
			const end = await run("unshare", ["-Urm", "sh", "-c", script, state, ...command], {
				env: { ...process.env, ...here.world.env, HOLDFAST_STATE: state },
			}).catch((error: { stdout: string; code: number }) => error);
			expect(JSON.parse(end.stdout).fault).toMatchObject({ code: "STATION_DISK_FULL" });
			expect(handset.state.packages["dev.holdfast.agent"]).toBeUndefined();
			await handset.close();
		},
		60_000,
	);
});

describe("words that make no sense", () => {
	test.each([
		[["enroll"], "missing required argument"],
		[["enroll", "C", "--imei", "123"], "not 15 digits"],
		[["enroll", "C", "--timeout", "soon"], "a number of seconds"],
		[["imei", "490154203237517"], "wrong check digit"],
		[["imei", "490154203237518", "--shown", "12345678"], "not a number that a phone shows"],
		[["serve", "--proxy", "1"], "addresses or networks"],
		[["order", "restrict", "C"], "required option '--reason <code>'"],
		[["contract", "pay", "C", "--reference", "R"], "say how much"],
		[["serve", "--clock-file", "x"], "--insecure-dev"],
		[["frobnicate"], "unknown command"],
		[["devices", "--registry", "x"], "unknown option"],
	])("%j ends with 64 and says how it should read", async (args, said) => {
		const { code, stderr, stdout } = await startHoldfast(args, { env: here.world.env }).ended;
		expect(code).toBe(64);
		expect(stderr).toContain(said);
		expect(stdout).toBe("");
	});

	test("a contract file with mistakes names each of them", async () => {
		const { code, stderr } = await startHoldfast(["contract", "create", join(ROOT, "package.json")], { env: here.world.env })
			.ended;
		expect(code).toBe(64);
		expect(stderr).toContain("contractId");
	});
});
