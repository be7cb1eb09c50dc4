import { imeiTail } from "../../proto/imei.ts";
import type { LabHandset } from "../lab/lab.ts";
import { startHoldfast } from "./holdfast-process.ts";
import { PERIOD_SECONDS } from "./sample-contract.ts";
import type { World } from "./world.ts";

const HOUR_MS = 3600_000;
const DAY_MS = 24 * HOUR_MS;
const PERIOD_MS = PERIOD_SECONDS * 1000;
const WAIT_MS = 20_000;
const POLL_MS = 20;

/** One phone's way through a contract, and what was seen on it. */
export interface Traveller {
	readonly handset: LabHandset;
	readonly contractId: string;
	readonly seen: string[];
}

/** The stations of a contract's life, in order. A world's handsets share one clock, so they travel together. */
export const STATIONS = [
	"enrolled",
	"grace",
	"locked:overdue",
	"unlocked",
	"locked:offline",
	"unlocked",
	"released",
	"verified",
] as const;

/**
 * Lives whole contracts: enrol, fall behind, lock, pay, unlock, lose contact, lock, find contact, pay off, release, verify.
 * Whatever is written into `seen` was read from the phone's own restrictions and the registry, never assumed.
 */
export async function liveContracts(world: World, travellers: readonly Traveller[], say: (text: string) => void): Promise<void> {
	const handsets = travellers.map(({ handset }) => handset);
	const each = async (station: (typeof STATIONS)[number], what: string, step: (traveller: Traveller) => Promise<void>) => {
		say(what);
		for (const traveller of travellers) {
			await step(traveller);
			traveller.seen.push(station);
		}
	};
	await each("enrolled", "Enrolling over the cable", (traveller) => enroll(world, traveller, say));

	say("Two months go by without a payment");
	await daysGoBy(world, handsets, PERIOD_MS / DAY_MS + 1);
	await each("grace", "Past due: a grace period, nothing is restricted", async ({ handset }) => {
		await standing(handset, "grace");
		expectRestrictions(handset, "none");
	});
	say("Five more days, with a notice each day");
	await daysGoBy(world, handsets, 6);
	await each("locked:overdue", "Locked: overdue", async ({ handset }) => {
		await locked(handset, "overdue");
		expectRestrictions(handset, "some");
	});
	await each("unlocked", "Two instalments are paid", async (traveller) => {
		const paid = await world.holdfast(
			"contract",
			"pay",
			traveller.contractId,
			"--amount",
			"10000",
			"--reference",
			`${traveller.contractId}-P1`,
		);
		expectOk(paid);
		await traveller.handset.agent?.checkInNow();
		await standing(traveller.handset, "unlocked");
		expectRestrictions(traveller.handset, "none");
	});

	say("The phones lose contact for a month");
	world.setNetwork(false);
	await daysGoBy(world, handsets, 31);
	await each("locked:offline", "Locked: out of contact too long", async ({ handset }) => {
		await locked(handset, "offline");
		expectRestrictions(handset, "some");
	});
	world.setNetwork(true);
	await each("unlocked", "Contact again", async ({ handset }) => {
		await handset.agent?.checkInNow();
		await standing(handset, "unlocked");
		expectRestrictions(handset, "none");
	});

	await each("released", "Paid off: giving the phones back", async (traveller) => release(world, traveller));
	await each("verified", "Looking for anything left behind", async ({ handset, contractId }) => {
		expectOk(await world.holdfast("verify", contractId, "--released", "-s", handset.adbSerial));
	});
}

async function enroll(world: World, { handset, contractId }: Traveller, say: (text: string) => void): Promise<void> {
	await world.enterContract(contractId, handset);
	const { code, stderr } = await startHoldfast(["enroll", contractId, "-s", handset.adbSerial, "--no-input"], {
		env: world.env,
		onLine: say,
	}).ended;
	if (code !== 0) throw new Error(`${contractId} was not enrolled (exit ${code}): ${stderr}`);
	const { document } = await world.holdfast("contract", "show", contractId);
	const state = JSON.stringify(document.contract);
	if (!state.includes('"state":"sealed"')) throw new Error(`the registry does not say sealed: ${state}`);
}

async function release(world: World, { handset, contractId }: Traveller): Promise<void> {
	expectOk(await world.holdfast("contract", "payoff", contractId, "--reference", `${contractId}-PAYOFF`));
	const tail = imeiTail(handset.imeis[0] ?? "");
	const command = startHoldfast(["release", contractId, "-s", handset.adbSerial, "--confirm", tail, "--json", "--no-input"], {
		env: world.env,
	});
	// The phone is sealed: it opens itself when it hears of the payoff.
	await handset.agent?.checkInNow();
	const { code, stderr } = await command.ended;
	if (code !== 0) throw new Error(`${contractId} was not released (exit ${code}): ${stderr}`);
}

/** Lets days pass in quarters, with somebody using each phone, so that notices are seen and age, and check-ins come and go. */
export async function daysGoBy(world: Pick<World, "clock">, handsets: readonly LabHandset[], days: number): Promise<void> {
	for (let quarter = 0; quarter < days * 4; quarter += 1) {
		world.clock.advance(6 * HOUR_MS);
		await Promise.all(
			handsets.map(async ({ agent }) => {
				await agent?.wake();
				await agent?.idle();
			}),
		);
	}
}

async function standing(handset: LabHandset, wanted: string): Promise<void> {
	await until(
		() => handset.screen()?.standing === wanted,
		() => `${handset.adbSerial} shows ${JSON.stringify(handset.screen())}, not ${wanted}`,
	);
}

async function locked(handset: LabHandset, cause: string): Promise<void> {
	await until(
		() => {
			const screen = handset.screen();
			return (screen?.standing.startsWith("locked") ?? false) && screen?.causes.join() === cause;
		},
		() => `${handset.adbSerial} shows ${JSON.stringify(handset.screen())}, not locked for ${cause} alone`,
	);
}

/** What may be restricted on every financed phone, locked or not: it keeps the agent there and debugging closed. */
const ALWAYS = new Set(["debugging", "uninstallAgent", "safeMode", "addUser", "dateAndTime", "factoryReset"]);

function expectRestrictions(handset: LabHandset, how: "none" | "some"): void {
	const beyond = handset.restrictions().filter((control) => !ALWAYS.has(control));
	if (beyond.length > 0 !== (how === "some")) throw new Error(`${handset.adbSerial} restricts ${beyond.join(", ") || "nothing"}`);
}

function expectOk({ code, stderr, document }: { code: number | null; stderr: string; document: unknown }): void {
	if (code !== 0) throw new Error(`exit ${code}: ${stderr} ${JSON.stringify(document)}`);
}

async function until(holds: () => boolean, describe: () => string): Promise<void> {
	const deadline = Date.now() + WAIT_MS;
	while (!holds()) {
		if (Date.now() > deadline) throw new Error(describe());
		await new Promise((resolve) => setTimeout(resolve, POLL_MS));
	}
}
