import { setTimeout as pause } from "node:timers/promises";

import { seededRandom } from "../e2e/seeded-random.ts";
import type { Episode } from "./chaos-table.ts";
import type { Fault } from "./faults.ts";
import { type Disturbance, disturbanceOf, type Journal } from "./journal.ts";
import { lend, makeLender } from "./lender.ts";
import { type EnrolledPhone, enrolPhone, liveOn } from "./phones.ts";
import { type Proof, prove } from "./proof.ts";
import { databaseUrl } from "./reference-setup.ts";
import type { World } from "./world.ts";

const CALM_MS = 3000;
/** What is asked when all is whole again must be answered as ever for so long. */
const SETTLED_MS = 4000;
const ENROLLING_AT_ONCE = 8;

export interface ChaosOptions {
	readonly world: World;
	readonly faults: readonly Fault[];
	/** How often each fault happens. */
	readonly rounds: number;
	readonly seed: number;
	/** No further fault begins after so many. */
	readonly minutes: number;
	readonly phones: number;
	/** Mean time between two check-ins of a phone, milliseconds. */
	readonly everyMs: number;
	readonly say: (line: string) => void;
}

export interface ChaosEnd {
	readonly episodes: readonly Episode[];
	readonly proof: Proof;
	readonly journal: Journal;
	/** Why the run was broken off. */
	readonly notWhole: string | undefined;
	/** How long it was under load, milliseconds. */
	readonly loadedMs: number;
}

/** Puts the world under load, lets every fault happen, and holds what was acknowledged against what is there in the end. */
export async function runChaos(options: ChaosOptions): Promise<ChaosEnd> {
	const { world, faults, rounds, seed, everyMs, say } = options;
	const random = seededRandom(seed);
	const journal: Journal = { attempts: [], acknowledged: [], wrong: [] };
	const { url, adminToken } = world;
	const giveUp = new AbortController();
	const lenderOptions = { url, adminToken, journal, random, givenUp: giveUp.signal };
	say(`enrolling ${options.phones} phones`);
	const phones = await enrolPhones(options.phones, makeLender(lenderOptions, "enrolment"), journal);

	let isEnding = false;
	const isOver = () => isEnding;
	const loadedFromMs = performance.now();
	const load = Promise.all([
		...phones.map((phone) => liveOn(phone, { url, everyMs, journal, isOver, random, givenUp: giveUp.signal })),
		lend({ ...lenderOptions, perSecond: { payments: 6, orders: 3, enrolments: 0.5 }, isOver }, phones),
	]);
	const episodes: Omit<Episode, "lost">[] = [];
	let notWhole: string | undefined;
	try {
		for (let round = 1; round <= rounds; round += 1) {
			for (const fault of shuffled(faults, random)) {
				if (performance.now() - loadedFromMs > options.minutes * 60_000) break;
				await world.ready();
				await pause(CALM_MS + random() * 1000);
				const episode = await undergo(fault, world, journal, random);
				episodes.push(episode);
				const { "check-in": checkIn, payment } = episode.disturbance;
				say(
					`${Math.round((performance.now() - loadedFromMs) / 1000)} s, round ${round}: ${fault.what}; no check-in for ${seconds(checkIn)} s, no payment for ${seconds(payment)} s`,
				);
			}
		}
		await world.ready();
	} catch (error) {
		// What was acknowledged until then is looked for all the same: a setup that does not come back may have lost some of it.
		notWhole = error instanceof Error ? error.message : "the setup is not whole";
		say(notWhole);
		giveUp.abort();
	}
	isEnding = true;
	await load;
	const loadedMs = performance.now() - loadedFromMs;
	const proof = await prove({ connectionString: databaseUrl(world.setup) }, journal.acknowledged, notWhole === undefined);
	const lostIn = ({ fromMs, toMs }: Omit<Episode, "lost">) =>
		proof.lost.filter(({ acknowledged: { atMs } }) => atMs >= fromMs && atMs < toMs).length;
	return { episodes: episodes.map((episode) => ({ ...episode, lost: lostIn(episode) })), proof, journal, notWhole, loadedMs };
}

async function undergo(fault: Fault, world: World, journal: Journal, random: () => number): Promise<Omit<Episode, "lost">> {
	const fromMs = performance.now();
	const mend = await fault.happen(world, random);
	// Not always as long: what matters may be where in a failover it is mended.
	await pause(Math.max(0, fault.lastsMs * (0.9 + 0.3 * random()) - (performance.now() - fromMs)));
	await mend();
	await world.ready();
	await pause(SETTLED_MS);
	const toMs = performance.now();
	const attempts = journal.attempts.filter(({ endMs }) => endMs >= fromMs && endMs < toMs);
	const refused = new Map<number, number>();
	for (const { status } of attempts) if (status !== 200) refused.set(status, (refused.get(status) ?? 0) + 1);
	const disturbance = (kind: Parameters<typeof disturbanceOf>[1]) => disturbanceOf(attempts, kind, fromMs, toMs);
	return {
		id: fault.id,
		what: fault.what,
		fromMs,
		toMs,
		answered: attempts.filter(({ status }) => status === 200).length,
		refused,
		disturbance: {
			"check-in": disturbance("check-in"),
			payment: disturbance("payment"),
			order: disturbance("order"),
			enrolment: disturbance("enrolment"),
		},
		acknowledged: journal.acknowledged.filter(({ atMs }) => atMs >= fromMs && atMs < toMs).length,
	};
}

async function enrolPhones(count: number, lender: ReturnType<typeof makeLender>, journal: Journal): Promise<EnrolledPhone[]> {
	const phones: EnrolledPhone[] = [];
	let next = 0;
	const enrolSome = async () => {
		while (next < count) phones.push(await enrolPhone(`C-${next++}`, lender, journal));
	};
	await Promise.all(Array.from({ length: ENROLLING_AT_ONCE }, enrolSome));
	return phones;
}

function shuffled<Value>(values: readonly Value[], random: () => number): Value[] {
	return values
		.map((value) => ({ value, at: random() }))
		.sort((a, b) => a.at - b.at)
		.map(({ value }) => value);
}

function seconds({ silentMs }: Disturbance): string {
	return (silentMs / 1000).toFixed(1);
}
