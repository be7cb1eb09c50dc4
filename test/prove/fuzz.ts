import { createDaemon, type Daemon, type Handled } from "../../agent/daemon/daemon.ts";
import { FORMAT_VERSION, frameState } from "../../agent/daemon/ledger-file.ts";
import { decode, encode, equalBytes, type Message } from "../../proto/codec.ts";
import { dammDigit } from "../../proto/damm.ts";
import { writeReleaseCode } from "../../proto/release-code.ts";
import { wire } from "../../proto/wire.ts";
import { messagesByReflection, signPayload, type Target, targets } from "./fuzz-corpus.ts";
import { flip, join, noise, pick, type Random, randomFrom, restructure, splice, truncate } from "./fuzz-mutations.ts";
import type { Report } from "./report.ts";
import { symbolicCrypto } from "./symbolic-crypto.ts";

/** What is given to the daemon, and what may come of it. */
interface Input {
	readonly ledger: Uint8Array;
	readonly event: Uint8Array;
	/** The ledger is well formed and not what the agent wrote: whoever can write that decides for himself what it says. */
	readonly isForgedLedger?: boolean;
	readonly isNewer?: boolean;
}

type Effects = Message<wire.HostEffects.$Properties>;
type Handle = Daemon["handle"];
type Kind = (random: Random, target: Target, pool: Pool) => Input;
interface Pool {
	readonly all: readonly Uint8Array[];
	of(name: string): readonly Uint8Array[];
}

/** F1, F2. */
const HELP = ["emergencyCall", "incomingCalls", "supportLine", "payApp", "internet", "messagesAndAlerts"];
/** A ledger may grow by what an event carries, and by this much of its own. */
const MOST_GROWTH = 8 * 1024;

const change = (random: Random, bytes: Uint8Array, other: Uint8Array): Uint8Array =>
	pick(random, [flip, truncate, restructure, restructure, (from: Random, a: Uint8Array) => splice(from, a, other)])(
		random,
		bytes,
	);

/** Ways to make an input. Each is taken as often as it stands here. */
const KINDS: Readonly<Record<string, Kind>> = {
	"any bytes as event": (random, { ledger }) => ({ ledger, event: noise(random, 300) }),
	"an event, changed": (random, { ledger, events }) => ({
		ledger,
		event: change(random, pick(random, events), pick(random, events)),
	}),
	"an event of the schema": (random, { ledger, event }, pool) => {
		// The moment, entropy and anchor that come last count: they are good, so that the content is looked at.
		const bare = event({});
		return { ledger, event: join([pick(random, pool.of("HostEvent")), bare]) };
	},
	"a request of the schema": (random, { ledger, event }, pool) => ({
		ledger,
		event: event({ cable: { request: pick(random, pool.of("CableRequest")) } }),
	}),
	"any bytes as request, order or answer": (random, { ledger, event }, pool) => {
		const bytes = random(3) === 0 ? noise(random, 400) : pick(random, pool.all);
		const bodies = [
			{ cable: { request: bytes } },
			{ orders: { orderEnvelopes: [bytes] } },
			{ reply: { replyEnvelope: bytes } },
			{ cable: { request: encode(wire.CableRequest, { finishCheckIn: { replyEnvelope: bytes } }) } },
			{ cable: { request: encode(wire.CableRequest, { deliverOrders: { orderEnvelopes: [bytes, bytes] } }) } },
			{ cable: { request: encode(wire.CableRequest, { bind: { bindingEnvelope: bytes, terms: bytes, consent: bytes } }) } },
		];
		return { ledger, event: event(pick(random, bodies)) };
	},
	"nonsense, truly signed": (random, { ledger, event, signables }, pool) => {
		const signable = pick(random, signables);
		const payload = random(5) === 0 ? pick(random, pool.all) : restructure(random, signable.payload);
		return { ledger, event: event(signable.carry(signPayload(signable, payload))) };
	},
	"any code": (random, { ledger, event }) => {
		const digits = Array.from({ length: 12 }, () => random(10)).join("");
		// Half of them pass for time codes: what is not mistyped is a guess.
		if (random(2) === 0) return { ledger, event: event({ codeEntered: { code: digits + dammDigit(digits) } }) };
		if (random(4) === 0)
			return {
				ledger,
				event: event({ codeEntered: { code: writeReleaseCode(Uint8Array.from({ length: 10 }, () => random(256))) } }),
			};
		const letters = pick(random, ["0123456789", "0123456789 -", "0123456789ABCDEFGHJKMNPQRSTVWXYZ-*~$=U", "\u0000é٣𝟘 "]);
		const code = Array.from({ length: random(40) }, () => pick(random, [...letters])).join("");
		return { ledger, event: event({ codeEntered: { code } }) };
	},
	"any bytes as ledger": (random, { ledger, events }, pool) => ({
		ledger: random(4) === 0 ? noise(random, 600) : change(random, ledger, pick(random, pool.all)),
		event: pick(random, events),
	}),
	"any bytes as anchor": (random, { ledger, anchor, event }, pool) => ({
		ledger: random(2) === 0 ? ledger : truncate(random, ledger),
		event: event({ tick: {} }, random(4) === 0 ? noise(random, 600) : change(random, anchor, pick(random, pool.all))),
	}),
	"a ledger, changed and framed anew": (random, { ledger, events }, pool) => {
		const { state } = decode(wire.StoredLedger, ledger);
		const forged = random(4) === 0 ? pick(random, pool.of("Ledger")) : restructure(random, state);
		return { ledger: frameState(FORMAT_VERSION, forged), event: pick(random, events), isForgedLedger: true };
	},
	"a newer ledger": (random, { events }) => ({
		ledger: frameState(FORMAT_VERSION + 1 + random(1000), Uint8Array.from([1, ...noise(random, 200)])),
		event: pick(random, events),
		isNewer: true,
	}),
};

/**
 * Gives the daemon whatever bytes, as ledger, anchor, event, envelope, order, code and request, at every standing: it never throws,
 * never tightens more than the same moment does by itself, keeps a newer ledger untouched, and stores no more than it was given.
 */
export function runFuzz({ inputs = 1_000_000, seed = 1 }: { inputs?: number; seed?: number } = {}): Report {
	const random = randomFrom(seed);
	const daemon = createDaemon({ crypto: symbolicCrypto });
	const phones = targets();
	const made = messagesByReflection(seed, 60);
	const all = made.map(({ bytes }) => bytes);
	const byName = new Map<string, Uint8Array[]>();
	for (const { name, bytes } of made) byName.set(name, [...(byName.get(name) ?? []), bytes]);
	const pool: Pool = { all, of: (name) => byName.get(name) ?? [] };
	const kinds = Object.entries(KINDS);
	const outcomes = new Map<string, number>();
	const count = (name: string) => outcomes.set(name, (outcomes.get(name) ?? 0) + 1);
	const began = performance.now();

	for (let done = 0; done < inputs; done += 1) {
		const [kind, make] = pick(random, kinds);
		const target = pick(random, phones);
		const input = make(random, target, pool);
		const problem = judge(input, target, daemon.handle, count);
		if (problem === undefined) continue;
		return {
			ok: false,
			figures: { inputs: done + 1, seed },
			lines: [
				`fuzz: ${problem}, at input ${done + 1} (seed ${seed}): ${kind}, at a phone that is ${target.name}`,
				`  ledger ${hex(input.ledger)}`,
				`  event ${hex(input.event)}`,
			],
		};
	}
	const seconds = (performance.now() - began) / 1000;
	const perSecond = Math.round(inputs / seconds);
	const listed = [...outcomes].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, times]) => `  ${name}: ${times}`);
	return {
		ok: true,
		figures: { inputs, seconds: Number(seconds.toFixed(1)), inputsPerSecond: perSecond, outcomes: outcomes.size, seed },
		lines: [
			`fuzz: ${inputs} inputs in ${seconds.toFixed(1)} s (${perSecond} a second), seed ${seed}: no throw, no tightening`,
			`  provoked, and how often:`,
			...listed,
		],
	};
}

/** What is wrong with what the daemon made of an input; `undefined` if nothing is. */
function judge(input: Input, target: Target, handle: Handle, count: (name: string) => void): string | undefined {
	let handled: Handled;
	try {
		handled = handle(input.ledger, input.event);
	} catch (error) {
		return `handle threw ${error instanceof Error ? error.name : "something"}`;
	}
	const effects = decode(wire.HostEffects, handled.effects);
	const codes = effects.faults.map(({ code }) => code);
	tally(effects, count);
	if (codes.includes("INTERNAL") && !input.isForgedLedger) return "a fault of the agent's own";
	if (codes.includes("INTERNAL") && !equalBytes(handled.ledger, input.ledger))
		return "a fault of the agent's own moved the ledger";
	if (codes.includes("EVENT_UNREADABLE") && !equalBytes(handled.ledger, input.ledger))
		return "an unreadable event moved the ledger";
	if (input.isNewer) {
		const isKept = equalBytes(handled.ledger, input.ledger) && codes.join() === "LEDGER_NEWER";
		return isKept ? undefined : "a newer ledger was not kept";
	}
	if (handled.ledger.length > input.ledger.length + input.event.length + MOST_GROWTH) return "the ledger grew beyond its bounds";
	const restricted = effects.posture?.restricted ?? [];
	if (restricted.some((control) => HELP.includes(control))) return "help was restricted";
	if (input.isForgedLedger || !effects.posture || isNoTighter(effects, target)) return undefined;
	return isTightenedByTime(handle, input, target, effects) ? undefined : "the phone was tightened";
}

function isNoTighter(after: Effects, before: { readonly restricted: readonly string[]; readonly level: number }): boolean {
	return (
		levelShown(after) <= before.level && (after.posture?.restricted ?? []).every((control) => before.restricted.includes(control))
	);
}

function levelShown({ screen }: Pick<Effects, "screen">): number {
	return screen?.level ?? 0;
}

/** A changed event may name a later moment, at which the same phone would have been locked without it. */
function isTightenedByTime(handle: Handle, input: Input, { ledger, anchor }: Target, after: Effects): boolean {
	const { now } = decode(wire.HostEvent, input.event);
	const tick = encode(wire.HostEvent, { now: now ?? null, entropy: new Uint8Array(32), anchor, tick: {} });
	const effects = decode(wire.HostEffects, handle(ledger, tick).effects);
	return isNoTighter(after, { restricted: effects.posture?.restricted ?? [], level: levelShown(effects) });
}

function tally(effects: Effects, count: (name: string) => void): void {
	for (const { code, detail } of effects.faults) count(code === "ORDER_REFUSED" ? `order refused: ${detail}` : `fault: ${code}`);
	if (effects.faults.length === 0) count("no fault");
	if (effects.answer) count(`borrower: ${effects.answer.accepted ? "accepted" : effects.answer.code}`);
	if (effects.cableReply.length === 0) return;
	const reply = decode(wire.CableReply, effects.cableReply);
	count(`cable: ${reply.refused ? reply.refused.code : reply.reply}`);
}

function hex(bytes: Uint8Array): string {
	return Buffer.from(bytes).toString("hex");
}
