import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { FAULT_CATALOGUE } from "../../provisioning/handset/fault-catalogue.ts";
import { FAULTS } from "../lab/faults.ts";
import { freePort } from "../lab/free-port.ts";
import { type Lab, openLab } from "../lab/lab.ts";
import { PROFILES } from "../lab/profiles.ts";
import { holdfastJson } from "./holdfast-process.ts";

// A handset is started with each fault in turn; what `holdfast doctor` names must be that fault's code, with its remedy.

const labs: Lab[] = [];
let folder: string;
let real: Lab;
let inProcess: Lab;
let adbPort: number;

beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), "holdfast-doctor-"));
	adbPort = await freePort();
	real = await openLab({ stateFolder: join(folder, "real"), transport: "auto", adbServerPort: adbPort });
	inProcess = await openLab({ stateFolder: join(folder, "in-process"), transport: "in-process", adbServerPort: adbPort });
	labs.push(real, inProcess);
}, 120_000);

afterAll(async () => {
	for (const lab of labs) await lab.close();
	await rm(folder, { recursive: true, force: true });
}, 60_000);

const visible = FAULTS.filter(({ seenBy }) => seenBy === "doctor");

describe.each(visible)("a handset started with $id", ({ id, code, alsoSeen = [], minSdk = 0, inProcessOnly }) => {
	test(`makes doctor name ${code}`, async () => {
		const profile = PROFILES.find(({ sdk }) => sdk >= minSdk);
		const lab = inProcessOnly ? inProcess : real;
		const handset = await lab.add({ profile: profile?.id ?? "", faults: [id] });
		try {
			// Only who waits for the tap can say that nobody made it.
			const wait = code === "ADB_AUTH_TIMEOUT" ? ["--wait", "1"] : [];
			const args = ["doctor", "-s", handset.adbSerial, "--adb-port", String(adbPort), "--timeout", "60", ...wait];
			const { document } = await holdfastJson(args, { env: { HOLDFAST_STATE: join(folder, "state") } });
			const faults = document.faults as { code: string; remedy: string }[]; // the document's schema
			const codes = faults.map((fault) => fault.code);
			expect(codes).toContain(code);
			expect([code, ...alsoSeen]).toEqual(expect.arrayContaining(codes));
			expect(faults.find((fault) => fault.code === code)?.remedy).toBe(FAULT_CATALOGUE[code].remedy);
		} finally {
			await handset.close();
		}
	}, 90_000);
});

test("a handset without a fault has none named, whatever its profile", async () => {
	for (const profile of PROFILES) {
		const handset = await real.add({ profile: profile.id });
		const args = ["doctor", "-s", handset.adbSerial, "--adb-port", String(adbPort)];
		const { code, document } = await holdfastJson(args, { env: { HOLDFAST_STATE: join(folder, "state") } });
		expect(document.faults, profile.id).toEqual([]);
		expect(code, profile.id).toBe(0);
		await handset.close();
	}
}, 120_000);
