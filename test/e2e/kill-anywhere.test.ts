import { expect, test } from "vitest";

import { decode, encode } from "../../proto/codec.ts";
import { toHex } from "../../proto/crypto.ts";
import { wire } from "../../proto/wire.ts";
import type { LabHandset } from "../lab/lab.ts";
import { PROFILES } from "../lab/profiles.ts";
import { startHoldfast } from "./holdfast-process.ts";
import { seededRandom } from "./seeded-random.ts";
import { worldOfThisFile } from "./test-world.ts";

// Kill -9 of the command line at random moments of an enrolment. Running it again always ends enrolled, once, with registry and
// handset agreeing. HOLDFAST_KILLS and HOLDFAST_SEED choose another campaign.
const KILLS = Number(process.env.HOLDFAST_KILLS ?? 200);
const SEED = Number(process.env.HOLDFAST_SEED ?? 20261121);
/** Two cores: two enrolments at a time keep them busy. */
const LANES = 2;

const here = worldOfThisFile("kill");

test(
	`an enrolment killed at ${KILLS} random moments and run again ends enrolled once, registry and handset agreeing`,
	async () => {
		const random = seededRandom(SEED);
		const moments = Array.from({ length: KILLS }, random);
		const firstMs = await timeOneEnrolment();
		// A machine that is busy now may be idle in a minute: the estimate follows what is seen.
		let enrolmentMs = firstMs;
		const killed = { before: 0, during: 0 };
		let next = 0;
		const lane = async () => {
			for (let index = next; index < KILLS; index = next) {
				next += 1;
				const moment = moments[index] ?? 0;
				const { wasRunning, tookMs } = await killOnce(`K-${index}`, moment * enrolmentMs, index);
				killed[wasRunning ? "during" : "before"] += 1;
				if (!wasRunning) enrolmentMs = (enrolmentMs + tookMs) / 2;
				else if (moment > 0.8) enrolmentMs *= 1.1;
			}
		};
		await Promise.all(Array.from({ length: LANES }, lane));
		console.log(
			`killed ${killed.during} enrolments within ${Math.round(firstMs)} ms at first and ${Math.round(enrolmentMs)} ms at last, seed ${SEED}; ${killed.before} had ended before`,
		);
		// Otherwise the campaign did not test what it says.
		expect(killed.during).toBeGreaterThan(KILLS * 0.6);
	},
	20 * 60_000,
);

async function timeOneEnrolment(): Promise<number> {
	const handset = await newHandset(0);
	await here.world.enterContract("K-first", handset);
	const started = Date.now();
	const { code, stderr } = await enroll("K-first", handset).ended;
	expect(code, stderr).toBe(0);
	await handset.close();
	// Two at a time take longer than one alone.
	return (Date.now() - started) * 1.3;
}

/** @returns whether the process was still running when it was killed, and how long it ran. */
async function killOnce(contractId: string, afterMs: number, index: number): Promise<{ wasRunning: boolean; tookMs: number }> {
	const handset = await newHandset(index);
	await here.world.enterContract(contractId, handset);
	const started = Date.now();
	const victim = enroll(contractId, handset);
	let tookMs = afterMs;
	void victim.ended.then(() => {
		tookMs = Math.min(tookMs, Date.now() - started);
	});
	await new Promise((resolve) => setTimeout(resolve, afterMs));
	victim.kill("SIGKILL");
	const { code } = await victim.ended;

	const again = await enroll(contractId, handset).ended;
	expect(again.code, `${contractId} killed after ${Math.round(afterMs)} ms: ${again.stderr}${again.stdout.slice(-2000)}`).toBe(0);
	await expectAgreement(contractId, handset);
	await handset.close();
	return { wasRunning: code === null, tookMs };
}

async function expectAgreement(contractId: string, handset: LabHandset): Promise<void> {
	const { enrollment } = await here.world.admin.getContract(contractId);
	expect(enrollment).toMatchObject({ state: "sealed", serial: handset.serial, imei1: handset.imeis[0] });
	const reply = await handset.agent?.cable(encode(wire.CableRequest, { hello: { challenge: new Uint8Array(16).fill(7) } }));
	const identity = decode(wire.CableReply, reply ?? new Uint8Array()).identity;
	expect(identity?.contractId).toBe(contractId);
	expect(identity?.deviceId).toBe(enrollment?.deviceId);
	expect(toHex(identity?.bindingSha256 ?? new Uint8Array())).toBe(enrollment?.bindingSha256);
	expect(identity?.deviceOwner).toBe(true);
	expect(identity?.confirmed).toBe(true);
	expect(identity?.status?.sealed).toBe(true);
}

function enroll(contractId: string, handset: LabHandset) {
	return startHoldfast(["enroll", contractId, "-s", handset.adbSerial, "--json", "--no-input"], { env: here.world.env });
}

function newHandset(index: number): Promise<LabHandset> {
	const profile = PROFILES[index % PROFILES.length];
	if (!profile) throw new Error("no profiles");
	return here.world.lab.add({ profile: profile.id });
}
