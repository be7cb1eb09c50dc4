import { describe, expect, test } from "vitest";

import { imeiTail } from "../../proto/imei.ts";
import { FAULT_CATALOGUE } from "../../provisioning/handset/fault-catalogue.ts";
import { FAULTS } from "../lab/faults.ts";
import type { LabHandset } from "../lab/lab.ts";
import { PROFILES } from "../lab/profiles.ts";
import { startHoldfast } from "./holdfast-process.ts";
import { worldOfThisFile } from "./test-world.ts";

// Faults that only work brings out: while enrolling, verifying or releasing. Each must be named by its code, with its remedy, and what
// is said of the phone must be true: a phone that was not enrolled is not called enrolled by the registry either.

const here = worldOfThisFile("faults");

interface Told {
	readonly code: number | null;
	/** Codes of all faults that were told, in order. */
	readonly faults: readonly string[];
	readonly remedies: readonly string[];
	readonly stderr: string;
}

/** Runs a command and collects the faults of its steps and of its result. */
async function run(args: readonly string[], onEvent: (event: { type: string; text?: string }) => void = () => {}): Promise<Told> {
	const command = startHoldfast([...args, "--json=stream", "--no-input"], { env: here.world.env });
	let seen = 0;
	const watch = setInterval(() => {
		const lines = command.stdoutSoFar().split("\n");
		for (const line of lines.slice(seen, -1)) onEvent(JSON.parse(line));
		seen = Math.max(seen, lines.length - 1);
	}, 50);
	const { code, stdout, stderr } = await command.ended;
	clearInterval(watch);
	const events = stdout
		.trim()
		.split("\n")
		.filter(Boolean)
		.map((line) => JSON.parse(line));
	const faults = events.flatMap((event) => event.fault ?? []);
	// A restart is only seen when the phone is back, and stops nothing.
	const noted = events.flatMap((event) => /^([A-Z]+(?:_[A-Z]+)+): /.exec(event.text ?? "")?.[1] ?? []);
	return {
		code,
		stderr,
		faults: [...faults.map((fault) => fault.code), ...noted],
		remedies: faults.map((fault) => fault.remedy),
	};
}

async function started(faultId: string): Promise<LabHandset> {
	const fault = FAULTS.find(({ id }) => id === faultId);
	const profile = PROFILES.find(({ sdk }) => sdk >= (fault?.minSdk ?? 0));
	const handset = await here.world.lab.add({ profile: profile?.id ?? "", faults: [faultId] });
	await here.world.enterContract(`F-${faultId}`, handset);
	return handset;
}

const enrolling = FAULTS.filter(({ seenBy, inProcessOnly }) => seenBy === "enroll" && !inProcessOnly);

describe.concurrent("an enrolment of a handset started with", () => {
	test.each(enrolling.map(({ id, code }) => [id, code] as const))(
		"%s tells %s",
		async (id, code) => {
			const handset = await started(id);
			// A person pushes the plug back in when asked to.
			const told = await run(["enroll", `F-${id}`, "-s", handset.adbSerial, "--wait", "8"], (event) => {
				if (event.type === "note" && event.text?.includes("Waiting for the same phone")) void handset.replug();
			});
			expect(told.faults, `${told.faults.join(", ")} ${told.stderr}`).toContain(code);
			if (told.code !== 0) expect(told.remedies).toContain(FAULT_CATALOGUE[code].remedy);
			const state = (await here.world.admin.getContract(`F-${id}`)).enrollment?.state;
			if (told.code === 0) expect(state).toBe("sealed");
			else expect(state).not.toBe("sealed");
			await handset.close();
		},
		150_000,
	);
});

const releasing = FAULTS.filter(({ seenBy }) => seenBy === "release");

describe.concurrent("a release of a handset started with", () => {
	test.each(releasing.map(({ id, code }) => [id, code] as const))(
		"%s tells %s",
		async (id, code) => {
			const handset = await started(id);
			const contract = `F-${id}`;
			const enrolled = await run(["enroll", contract, "-s", handset.adbSerial, "--no-seal"]);
			expect(enrolled.code, enrolled.stderr).toBe(0);
			await here.world.holdfast("contract", "payoff", contract, "--reference", "PAYOFF");
			const tail = imeiTail(handset.imeis[0] ?? "");
			const told = await run(["release", contract, "-s", handset.adbSerial, "--confirm", tail, "--wait", "5"]);
			expect(told.faults, `${told.faults.join(", ")} ${told.stderr}`).toContain(code);
			expect(told.code).not.toBe(0);
			await handset.close();
		},
		150_000,
	);
});

const verifying = FAULTS.filter(({ seenBy }) => seenBy === "verify");

describe("a verification of a handset started with", () => {
	test.each(verifying.map(({ id, code }) => [id, code] as const))(
		"%s tells %s",
		async (id, code) => {
			const handset = await started(id);
			const contract = `F-${id}`;
			const enrolled = await run(["enroll", contract, "-s", handset.adbSerial, "--no-seal"]);
			expect(enrolled.code, enrolled.stderr).toBe(0);
			await handset.reboot();
			const told = await run(["verify", contract, "-s", handset.adbSerial, "--wait", "10"]);
			expect(told.faults, `${told.faults.join(", ")} ${told.stderr}`).toContain(code);
			await handset.close();
		},
		150_000,
	);
});

describe("without proof", () => {
	test("an unpaid contract is not released, and the phone is not touched", async () => {
		const handset = await here.world.lab.add({ profile: PROFILES[0]?.id ?? "" });
		await here.world.enterContract("F-unpaid", handset);
		await run(["enroll", "F-unpaid", "-s", handset.adbSerial, "--no-seal"]);
		const told = await run(["release", "F-unpaid", "-s", handset.adbSerial, "--confirm", imeiTail(handset.imeis[0] ?? "")]);
		expect(told).toMatchObject({ code: 5, faults: ["PAYOFF_NOT_PROVEN"] });
		expect(handset.screen()?.standing).toBe("unlocked");
		await handset.close();
	});

	test("a second contract does not take a phone that is on one already", async () => {
		const handset = await here.world.lab.add({ profile: PROFILES[0]?.id ?? "" });
		await here.world.enterContract("F-first", handset);
		expect((await run(["enroll", "F-first", "-s", handset.adbSerial, "--no-seal"])).code).toBe(0);
		const other = await here.world.lab.add({ profile: PROFILES[1]?.id ?? "" });
		await here.world.enterContract("F-second", other);
		const told = await run(["enroll", "F-second", "-s", handset.adbSerial, "--no-seal"]);
		expect(told.code).toBe(7);
		expect(["IMEI_MISMATCH", "IMEI_ON_OTHER_CONTRACT"]).toContain(told.faults.at(-1));
		await Promise.all([handset.close(), other.close()]);
	});

	test("a second command line on the same handset is turned away and harms nothing", async () => {
		const handset = await here.world.lab.add({ profile: PROFILES[2]?.id ?? "" });
		await here.world.enterContract("F-two", handset);
		const both = await Promise.all([1, 2].map(() => run(["enroll", "F-two", "-s", handset.adbSerial])));
		const codes = both.map(({ code }) => code);
		expect(codes).toContain(0);
		for (const { code, faults } of both) if (code !== 0) expect(faults).toEqual(["HANDSET_BUSY"]);
		await handset.close();
	});

	test("a registry that dies in the middle is waited for or named, and running again finishes", async () => {
		const handset = await here.world.lab.add({ profile: PROFILES[3]?.id ?? "" });
		await here.world.enterContract("F-outage", handset);
		const first = run(["enroll", "F-outage", "-s", handset.adbSerial], (event) => {
			if (event.type === "step-started") void restartOnce();
		});
		let restarted: Promise<void> | undefined;
		const restartOnce = () => (restarted ??= here.world.restartRegistry());
		const { code, faults } = await first;
		if (code !== 0) expect(faults.at(-1)).toBe("REGISTRY_UNREACHABLE");
		await restarted;
		const again = await run(["enroll", "F-outage", "-s", handset.adbSerial]);
		expect(again.code, again.stderr).toBe(0);
		await handset.close();
	}, 120_000);
});
