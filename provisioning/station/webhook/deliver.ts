import { type Fault, fault } from "../../handset/fault.ts";
import type { JournalEntry } from "../journal/entry.ts";
import { askedPauseMs, GIVE_UP_MS, pauseMs } from "./backoff.ts";
import type { WebhookHistory } from "./history.ts";
import type { Outbox, WebhookMessage } from "./outbox.ts";
import type { PostResult, WebhookPost } from "./post.ts";

/** Time as the deliverer needs it. */
export interface WebhookClock {
	/** Milliseconds since 1970-01-01T00:00:00Z. */
	nowMs(): number;
	/** Calls back once, later. Returns how to take it back. */
	after(milliseconds: number, callback: () => void): () => void;
}

export interface WebhookPorts {
	readonly outbox: Outbox;
	/** Writes a line of the journal; resolves once it is on disk. */
	readonly record: (entry: JournalEntry) => Promise<void>;
	readonly post: WebhookPost;
	readonly clock: WebhookClock;
	/** 0 to 1. */
	readonly random: () => number;
	/** Called after each change of {@link WebhookDeliverer.list}. */
	readonly changed?: () => void;
}

/** One message that is not delivered. */
export interface WebhookStatus {
	readonly id: string;
	readonly event: string;
	readonly contractId?: string;
	readonly queuedAtMs: number;
	/** Since the station's program started. */
	readonly attempts: number;
	/** `waiting` for its turn or its next attempt; `failed`: given up, can be sent again. */
	readonly state: "waiting" | "failed";
	/** What came of the last attempt, in a few words. */
	readonly last?: string;
	readonly fault?: Fault;
}

/**
 * Tells the ERP what happened, at least once: a message stands in the outbox and in the journal before anything is sent, and is sent
 * again with the same id and the same bytes until the ERP takes it or three days are over.
 */
export interface WebhookDeliverer {
	/** Resolves once the message is safe on disk. The same id twice is harmless. */
	queue(message: WebhookMessage): Promise<void>;
	/** Sends a message that was given up once more, for another three days. @returns whether there is one of this id. */
	sendAgain(id: string): Promise<boolean>;
	/** Messages that are not delivered, oldest first. */
	list(): readonly WebhookStatus[];
	/** The ERP said 410, "gone": nothing is sent until {@link resume} or the next start. */
	readonly stopped: boolean;
	resume(): void;
	/** Resolves when no attempt is under way. */
	settled(): Promise<void>;
	/** Ends attempts under way; their messages are sent again after the next start. */
	close(): Promise<void>;
}

/** So many attempts at once while all is well; one while it is not. */
const MOST_AT_ONCE = 4;
/** Timers of Node reach 24 days; waking now and then costs nothing. */
const LONGEST_SLEEP_MS = 3_600_000;
/** Answers that say nothing about the message: the ERP, or what stands before it, cannot take any now. */
const NOT_NOW = new Set([429, 502, 503, 504]);
const GONE = 410;

interface Entry {
	readonly message: WebhookMessage;
	/** Only the first message of a lane is sent: those of a contract share one, any other has its own. */
	readonly lane: string;
	queuedAtMs: number;
	attempts: number;
	/** Refusals of this message by itself. */
	refusals: number;
	nextAtMs: number;
	lastTriedAtMs: number;
	last?: string;
	failed: boolean;
	busy: boolean;
}

/**
 * Opens the messages that the journal says are under way, and starts to send them.
 *
 * @param history what the journal's lines tell; see `webhookHistory`. Files that the journal never named, or that were delivered, are
 *   removed: what a kill kept from the journal is owed, and queued again by whoever asks `owedWebhooks`.
 */
export async function openWebhooks(history: WebhookHistory, ports: WebhookPorts): Promise<WebhookDeliverer> {
	const { outbox, record, post, clock, random, changed = () => {} } = ports;
	const entries = new Map<string, Entry>();
	const queueing = new Map<string, Promise<void>>();
	const underWay = new Set<Promise<void>>();
	const delivered = new Set([...history.ended].filter(([, ended]) => ended.delivered).map(([id]) => id));
	const end = new AbortController();
	let [streak, quietUntilMs, stopped] = [0, 0, false];
	let cancelWake = () => {};

	function add(message: WebhookMessage, queuedAtMs: number, failed = false): Entry {
		const lane = message.contractId ?? `\0${message.id}`;
		const entry: Entry = {
			message,
			lane,
			queuedAtMs,
			attempts: 0,
			refusals: 0,
			nextAtMs: 0,
			lastTriedAtMs: 0,
			failed,
			busy: false,
		};
		entries.set(message.id, entry);
		return entry;
	}

	/** Starts what can be started now, and sleeps until there is more. */
	function pump(): void {
		cancelWake();
		if (end.signal.aborted) return;
		const nowMs = clock.nowMs();
		let wakeAtMs = nowMs + LONGEST_SLEEP_MS;
		const lanes = new Set<string>();
		const ready: Entry[] = [];
		const old: Entry[] = [];
		for (const entry of entries.values()) {
			if (entry.failed) continue;
			const isFirst = !lanes.has(entry.lane);
			lanes.add(entry.lane);
			if (entry.busy) continue;
			const oldAtMs = entry.queuedAtMs + GIVE_UP_MS;
			const atMs = isFirst && !stopped ? Math.min(entry.nextAtMs, oldAtMs) : oldAtMs;
			if (atMs > nowMs || quietUntilMs > nowMs) wakeAtMs = Math.min(wakeAtMs, Math.max(atMs, quietUntilMs));
			else if (oldAtMs <= nowMs) old.push(entry);
			else ready.push(entry);
		}
		// The one that was tried longest ago first: one that cannot be delivered does not keep the others from being tried.
		ready.sort((a, b) => a.lastTriedAtMs - b.lastTriedAtMs);
		const free = Math.max(0, (streak === 0 ? MOST_AT_ONCE : 1) - underWay.size);
		for (const entry of old) launch(entry, giveUp(entry));
		for (const entry of ready.slice(0, free)) launch(entry, attempt(entry));
		if (lanes.size > 0) cancelWake = clock.after(wakeAtMs - nowMs, pump);
	}

	function launch(entry: Entry, work: Promise<void>): void {
		entry.busy = true;
		const done = work
			.catch((error: unknown) => {
				// The journal or the outbox cannot be written: the message stays, and is tried again.
				entry.last = error instanceof Error ? `not recorded: ${error.message}` : "not recorded";
				quiet();
			})
			.finally(() => {
				entry.busy = false;
				underWay.delete(done);
				changed();
				pump();
			});
		underWay.add(done);
	}

	async function attempt(entry: Entry): Promise<void> {
		const { message } = entry;
		const sentAtMs = clock.nowMs();
		entry.lastTriedAtMs = sentAtMs;
		const result = await post(message, sentAtMs, end.signal);
		if (end.signal.aborted && result.kind === "no answer") return;
		entry.attempts += 1;
		entry.last = result.kind === "answered" ? `HTTP status ${result.status}` : result.why;
		if (isTaken(result)) {
			await record({ type: "webhook-ended", id: message.id, delivered: true, attempts: entry.attempts });
			[streak, quietUntilMs] = [0, 0];
			entries.delete(message.id);
			delivered.add(message.id);
			// One that stays behind is found and removed at the next start.
			await outbox.remove(message.id).catch(() => {});
		} else if (result.kind === "answered" && result.status === GONE) stopped = true;
		else if (result.kind === "no answer") quiet();
		else if (NOT_NOW.has(result.status)) quiet(askedPauseMs(result.retryAfterMs));
		else {
			entry.refusals += 1;
			entry.nextAtMs = clock.nowMs() + pauseMs(entry.refusals, "message", random());
			quiet();
		}
	}

	/** Leaves the ERP alone for a while. */
	function quiet(leastMs = 0): void {
		streak += 1;
		quietUntilMs = clock.nowMs() + Math.max(leastMs, pauseMs(streak, "outage", random()));
	}

	async function giveUp(entry: Entry): Promise<void> {
		await record({ type: "webhook-ended", id: entry.message.id, delivered: false, attempts: entry.attempts });
		entry.failed = true;
	}

	function queueOnce(message: WebhookMessage): Promise<void> {
		const started = queueing.get(message.id) ?? queueNew(message).finally(() => queueing.delete(message.id));
		queueing.set(message.id, started);
		return started;
	}

	async function queueNew(message: WebhookMessage): Promise<void> {
		await outbox.put(message);
		const { id, event, contractId } = message;
		await record({ type: "webhook-queued", id, event, ...(contractId === undefined ? {} : { contractId }) });
		add(message, clock.nowMs());
		changed();
		pump();
	}

	for (const id of await outbox.ids()) {
		if (!history.queued.has(id) || delivered.has(id)) await outbox.remove(id);
	}
	for (const [id, { event, contractId, atMs }] of history.queued) {
		if (delivered.has(id)) continue;
		const message = await outbox.get(id);
		const entry = add(
			message ?? { id, event, body: "", ...(contractId === undefined ? {} : { contractId }) },
			atMs,
			history.ended.has(id),
		);
		if (message !== undefined) continue;
		entry.last = "its file is lost";
		if (!entry.failed) await giveUp(entry);
	}
	pump();

	return {
		async queue(message) {
			if (!entries.has(message.id) && !delivered.has(message.id)) await queueOnce(message);
		},
		async sendAgain(id) {
			const entry = entries.get(id);
			if (!entry?.failed || entry.message.body === "") return false;
			await queueOnce(entry.message);
			return true;
		},
		list: () => [...entries.values()].map(statusOf),
		get stopped() {
			return stopped;
		},
		resume() {
			[stopped, streak, quietUntilMs] = [false, 0, 0];
			pump();
		},
		async settled() {
			while (underWay.size > 0) await Promise.all(underWay);
		},
		async close() {
			end.abort();
			cancelWake();
			while (underWay.size > 0) await Promise.all(underWay);
		},
	};
}

function isTaken(result: PostResult): boolean {
	return result.kind === "answered" && result.status >= 200 && result.status < 300;
}

function statusOf({ message, queuedAtMs, attempts, failed, last }: Entry): WebhookStatus {
	const { id, event, contractId } = message;
	return {
		...{ id, event, queuedAtMs, attempts, state: failed ? "failed" : "waiting" },
		...(contractId === undefined ? {} : { contractId }),
		...(last === undefined ? {} : { last }),
		...(failed ? { fault: fault("WEBHOOK_UNDELIVERED", last === undefined ? {} : { details: { last } }) } : {}),
	};
}
