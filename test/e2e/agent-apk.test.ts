import { createHash } from "node:crypto";
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { AGENT_ADMIN, AGENT_PACKAGE } from "../../proto/android-agent.ts";
import { type ApkFacts, readApk } from "../../provisioning/handset/apk.ts";
import { run } from "../../scripts/apk/run.ts";
import { toolchainAtHand } from "../agent/hosts/android/toolchain-at-hand.ts";
import type { LabHandset } from "../lab/lab.ts";
import { worldOfThisFile } from "./test-world.ts";

// The very file that scripts/build-apk makes, through the whole of an enrolment: installed, updated, and refused where a phone would
// refuse it. What the handset then knows of the package, it read from the file.

const toolchain = toolchainAtHand();
if (typeof toolchain === "string") console.warn(`no APK can be built here, so its enrolment is not tested: ${toolchain}`);

const BUILD = fileURLToPath(new URL("../../agent/hosts/android/build", import.meta.url));
const SCRIPT = fileURLToPath(new URL("../../scripts/build-apk", import.meta.url));
const [OLDER, NEWER] = [52, 53];

describe.skipIf(typeof toolchain === "string")("an enrolment with the APK that was built", () => {
	const here = worldOfThisFile("agent-apk");
	const apks: Record<string, { readonly path: string; readonly facts: ApkFacts; readonly sha256: string }> = {};

	beforeAll(() => {
		const variants = { plain: [], older: [`version=${OLDER}`], newer: [`version=${NEWER}`], stranger: ["otherSigner"] };
		for (const [name, variant] of Object.entries(variants)) {
			const path = join(here.folder, `${name}.apk`);
			run(SCRIPT, [...variant.flatMap((each) => ["--variant", each]), "--out", path]);
			const bytes = readFileSync(path);
			apks[name] = { path, facts: readApk(bytes), sha256: createHash("sha256").update(bytes).digest("hex") };
		}
	}, 180_000);
	afterAll(() => {
		for (const version of [OLDER, NEWER])
			for (const end of ["", ".stamp"]) rmSync(join(BUILD, `holdfast-agent-version-${version}.apk${end}`), { force: true });
	});

	const apk = (name: string) => {
		const found = apks[name];
		if (!found) throw new Error(`no APK ${name}`);
		return found;
	};
	/** Enrols with one of the APKs, or with the one beside the tool. */
	const enroll = (contractId: string, handset: LabHandset, name?: string) =>
		here.world.holdfast(
			...["enroll", contractId, "-s", handset.adbSerial, "--no-seal"],
			...(name === undefined ? [] : ["--apk", apk(name).path]),
		);
	const contracted = async (contractId: string, profile: string) => {
		const handset = await here.world.lab.add({ profile });
		await here.world.enterContract(contractId, handset);
		return handset;
	};
	/** What the phone's package manager has, beside what stands in the file. */
	const expectInstalled = (handset: LabHandset, name: string) => {
		const { facts } = apk(name);
		expect(handset.state.packages[AGENT_PACKAGE]).toMatchObject({
			versionCode: facts.versionCode,
			versionName: facts.versionName,
			signerSha256: facts.signerSha256,
			minSdk: facts.minSdk,
			targetSdk: facts.targetSdk,
			testOnly: false,
			debuggable: false,
			enabled: true,
		});
		expect(handset.state.deviceOwner).toBe(AGENT_ADMIN);
	};

	test.each(["miui13-a11-in", "hyperos1-a14-in", "hyperos3-a16-global"])(
		"without naming a file takes the one beside the tool: %s",
		async (profile) => {
			const handset = await contracted(`OWN-${profile}`, profile);
			const { code, stderr } = await enroll(`OWN-${profile}`, handset);
			expect(code, stderr).toBe(0);
			expectInstalled(handset, "plain");
			expect(apk("plain").facts).toMatchObject({
				packageName: AGENT_PACKAGE,
				signerSha256: [expect.stringMatching(/^[0-9a-f]{64}$/)],
			});
			await handset.close();
		},
		60_000,
	);

	test("updates an older version in place, keeping owner and contract, and does nothing the second time", async () => {
		const handset = await contracted("UP", "hyperos2-a15-in");
		expect((await enroll("UP", handset, "older")).code).toBe(0);
		const before = handset.state.packages[AGENT_PACKAGE];
		expectInstalled(handset, "older");

		const updated = await enroll("UP", handset, "newer");
		expect(updated.code, updated.stderr).toBe(0);
		expectInstalled(handset, "newer");
		const after = handset.state.packages[AGENT_PACKAGE];
		expect(after).toMatchObject({ uid: before?.uid, firstInstallMs: before?.firstInstallMs });
		expect((await here.world.admin.getContract("UP")).enrollment?.state).toBe("contacted");

		expect((await enroll("UP", handset, "newer")).code).toBe(0);
		expect(handset.state.packages[AGENT_PACKAGE]?.codePath).toBe(after?.codePath);
		await handset.close();
	}, 120_000);

	test.each([
		["an older one over a newer one", "newer", "older", "INSTALL_DOWNGRADE"],
		["one that somebody else signed", "plain", "stranger", "INSTALL_WRONG_SIGNER"],
		["ours over one that somebody else signed", "stranger", "plain", "INSTALL_WRONG_SIGNER"],
	])(
		"is refused by the phone, and leaves what is there: %s",
		async (what, first, second, fault) => {
			const contractId = `NO-${what.replaceAll(" ", "-").slice(0, 24)}`;
			const handset = await contracted(contractId, "hyperos2-a14-global");
			const installed = await enroll(contractId, handset, first);
			expect(installed.code, installed.stderr).toBe(0);
			const refused = await enroll(contractId, handset, second);
			expect(refused.document.fault).toMatchObject({ code: fault });
			expect(refused.code).not.toBe(0);
			expectInstalled(handset, first);
			await handset.close();
		},
		120_000,
	);

	test("tells two builds of one version apart by the file's digest", () => {
		const digests = Object.values(apks).map(({ sha256 }) => sha256);
		expect(new Set(digests).size).toBe(digests.length);
	});
});
