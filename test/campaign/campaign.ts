import { rm } from "node:fs/promises";
import { join } from "node:path";

import { FAULT_CODES, type FaultCode } from "../../provisioning/handset/fault-codes.ts";
import { batchPaths } from "../../provisioning/station/batch/batch-folder.ts";
import { seededRandom } from "../e2e/seeded-random.ts";
import type { LabHandset } from "../lab/lab.ts";
import { type FindingCounts, type Findings, lookAfter, type WitnessPhone } from "./invariants.ts";
import { contractOn } from "./phone-witness.ts";
import { type CampaignWorld, openRound, type Round, stationFolderOf } from "./round.ts";
import type { Trouble } from "./trouble.ts";

/** One trouble, over all of its rounds. */
export interface Tally extends FindingCounts {
	readonly id: string;
	readonly what: string;
	rounds: number;
	runs: number;
	/** Codes with which runs ended, and that cards showed. */
	readonly codes: Map<FaultCode, number>;
	readonly words: string[];
}

export interface CampaignOptions {
	readonly its: CampaignWorld;
	readonly troubles: readonly Trouble[];
	/** At least so many runs in all; every trouble gets its turn at least once. */
	readonly runs: number;
	readonly seed: number;
	/** At most so many phones in a batch. Default: as many as each trouble wants. */
	readonly phones?: number;
	readonly say: (line: string) => void;
}

/** Plays troubles in turn until there were enough runs. The same seed gives the same troubles in the same order. */
export async function runCampaign({
	its,
	troubles,
	runs,
	seed,
	phones = Number.POSITIVE_INFINITY,
	say,
}: CampaignOptions): Promise<readonly Tally[]> {
	const random = seededRandom(seed);
	const tallies = troubles.map(({ id, what }): Tally => {
		const zero = { rounds: 0, runs: 0, wrongPhone: 0, doubleBind: 0, lostLines: 0, wrongCode: 0 };
		return { id, what, ...zero, codes: new Map(), words: [] };
	});
	let done = 0;
	let doneBefore = -1;
	for (let turn = 0; turn < troubles.length || done < runs; turn += 1) {
		if (turn % troubles.length === 0) {
			if (done === doneBefore) break; // a station that begins no run at all would be asked for ever
			doneBefore = done;
		}
		const wanted = troubles[turn % troubles.length];
		const trouble = wanted && { ...wanted, phones: Math.min(wanted.phones, phones) };
		const tally = tallies[turn % troubles.length];
		if (!trouble || !tally) throw new Error("a campaign without troubles");
		const startedMs = performance.now();
		const before = tally.runs;
		await playRound(its, trouble, tally, `R${seed}-${turn + 1}`, random);
		done += tally.runs - before;
		const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
		say(
			`${trouble.id}: ${tally.runs - before} runs in ${seconds} s${tally.words.length > 0 ? `; ${tally.words.join("; ")}` : ""}`,
		);
	}
	return tallies;
}

async function playRound(
	its: CampaignWorld,
	trouble: Trouble,
	tally: Tally,
	batchId: string,
	random: () => number,
): Promise<void> {
	const handsets = await makeHandsets(its, trouble, random);
	const wrong = (text: string) => {
		tally.wrongCode += 1;
		tally.words.push(`${batchId}: ${text}`);
	};
	let round: Round | undefined;
	let mustPass: readonly LabHandset[] = []; // a play that broke off is a finding itself
	try {
		const inManifest = trouble.clones ? handsets.filter((_, index) => index % 2 === 0) : handsets;
		const more = trouble.more?.(random) ?? {};
		round = await openRound({ its, batchId, handsets, inManifest, random, more });
		mustPass = (await trouble.play(round)) ?? handsets;
	} catch (error) {
		wrong(error instanceof Error ? error.message : String(error));
	}
	if (round) {
		const { watched, handsets: own, strangers } = round;
		await round.bench.station.close();
		for (const bug of watched.flatMap(({ benches }) => benches.flatMap(({ bugs }) => bugs))) {
			wrong(`a mistake of ours: ${bug instanceof Error ? bug.stack : String(bug)}`);
		}
		const findings = await lookAfter({
			phones: [...own, ...strangers].map((handset) => witnessOf(handset, trouble, round, mustPass)),
			journals: watched.map(({ folder, batchId: id, heads }) => ({ journal: batchPaths(folder, id).journal, heads })),
			enrollmentOf: async (contractId) => (await its.world.admin.getContract(contractId)).enrollment,
		});
		const shown = [...round.shown].filter((code) => !WHILE_COMING.includes(code) || trouble.shows?.includes(code));
		add(tally, findings, batchId, new Set(shown));
		for (const text of wrongCards(round, trouble)) wrong(text);
	}
	for (const path of its.hub.usbPaths) its.hub.unplug(path);
	for (const handset of [...handsets, ...(round?.strangers ?? [])]) await handset.close();
	if (tally.words.length === 0) await rm(join(stationFolderOf(its, batchId), ".."), { recursive: true, force: true });
}

function witnessOf(
	handset: LabHandset,
	{ codes, codesOf }: Trouble,
	{ inManifest, contractOf }: Round,
	mustPass: readonly LabHandset[],
): WitnessPhone {
	const isNamed = inManifest.includes(handset);
	return {
		serial: handset.serial,
		imeis: handset.imeis,
		contractId: isNamed ? contractOf(handset) : undefined,
		mustPass: isNamed && mustPass.includes(handset),
		codes: [...codes, ...(codesOf?.(handset) ?? [])],
		holds: () => contractOn(handset),
	};
}

/** What adb says of a phone, and its card with it, while the two shake hands, whatever else happens. */
const WHILE_COMING: readonly FaultCode[] = ["ADB_OFFLINE", "ADB_UNAUTHORIZED"];

/** Codes that should have stood on a card and did not, or that did and should not. */
function wrongCards({ shown, handsets }: Round, { codes, codesOf, shows = [], mayShow = [] }: Trouble): readonly string[] {
	const allowed = new Set([
		...WHILE_COMING,
		...codes,
		...shows,
		...mayShow,
		...handsets.flatMap((each) => codesOf?.(each) ?? []),
	]);
	return [
		...shows.filter((code) => !shown.has(code)).map((code) => `${code} was never shown`),
		...[...shown].filter((code) => !allowed.has(code)).map((code) => `a card showed ${code}`),
	];
}

async function makeHandsets({ world }: CampaignWorld, trouble: Trouble, random: () => number): Promise<LabHandset[]> {
	const handsets: LabHandset[] = [];
	for (let index = 0; index < trouble.phones; index += 1) {
		const faults = trouble.faults?.(index, random) ?? [];
		const original = trouble.clones && index % 2 === 1 ? handsets[index - 1] : undefined;
		handsets.push(await world.lab.add({ plugged: false, faults, ...(original ? { imeis: original.imeis } : {}) }));
	}
	return handsets;
}

function add(tally: Tally, findings: Findings, batchId: string, shown: ReadonlySet<FaultCode>): void {
	tally.rounds += 1;
	tally.runs += findings.runs;
	for (const name of ["wrongPhone", "doubleBind", "lostLines", "wrongCode"] as const) tally[name] += findings[name];
	tally.words.push(...findings.words.map((text) => `${batchId}: ${text}`));
	for (const code of FAULT_CODES) {
		const count = Math.max(findings.ends.get(code) ?? 0, shown.has(code) ? 1 : 0);
		if (count > 0) tally.codes.set(code, (tally.codes.get(code) ?? 0) + count);
	}
}

/** More are counted, not named. */
const MANY_CODES = 8;

/** The campaign as a table in Markdown. */
export function campaignTable(tallies: readonly Tally[]): string {
	const rows = tallies.map(({ what, rounds, runs, wrongPhone, doubleBind, lostLines, wrongCode, codes }) => {
		const said =
			codes.size > MANY_CODES
				? `${codes.size} codes, each one that its phone may have`
				: [...codes].map(([code, count]) => `${code} ${count}`).join(", ");
		return `| ${what} | ${rounds} | ${runs} | ${wrongPhone} | ${doubleBind} | ${lostLines} | ${wrongCode} | ${said || "none"} |`;
	});
	const sum = (of: (tally: Tally) => number) => tallies.reduce((total, tally) => total + of(tally), 0);
	const total = `| **all** | ${sum((t) => t.rounds)} | ${sum((t) => t.runs)} | ${sum((t) => t.wrongPhone)} | ${sum((t) => t.doubleBind)} | ${sum((t) => t.lostLines)} | ${sum((t) => t.wrongCode)} | |`;
	return [
		"| what goes wrong | batches | runs | wrong phone | bound twice | lost lines | wrong stop | codes seen |",
		"| --- | --- | --- | --- | --- | --- | --- | --- |",
		...rows,
		total,
	].join("\n");
}
