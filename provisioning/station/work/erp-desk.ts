import type { JournalLine } from "../journal/entry.ts";
import { figuresOf } from "../journal/figures.ts";
import type { Unit } from "../unit.ts";
import type { StationView } from "../view.ts";
import { openWebhooks, type WebhookClock } from "../webhook/deliver.ts";
import { owedWebhooks } from "../webhook/event.ts";
import { webhookHistory } from "../webhook/history.ts";
import { folderOutbox } from "../webhook/outbox.ts";
import type { WebhookPost } from "../webhook/post.ts";
import type { BatchLog } from "./batch-log.ts";

/** Tells the ERP, sooner or later, what the journal says. */
export interface ErpDesk {
	/** Queues what the journal tells and the ERP was not told yet. Never throws. */
	tell(): Promise<void>;
	/** Sends what was given up once more, and goes on where the ERP said that it is gone. Resolves with how many that were. */
	sendAgain(): Promise<number>;
	figures(): StationView["webhooks"];
	close(): Promise<void>;
}

export interface ErpDeskOptions {
	readonly log: BatchLog;
	/** The journal as it was read at the start. */
	readonly lines: readonly JournalLine[];
	readonly units: readonly Unit[];
	/** Where messages wait. */
	readonly folder: string;
	readonly post: WebhookPost;
	readonly clock: WebhookClock;
	readonly random: () => number;
	onBug(error: unknown): void;
}

/** Opens the messages that are under way, and queues what a kill kept from being queued. */
export async function openErpDesk(options: ErpDeskOptions): Promise<ErpDesk> {
	const { log, units, clock, onBug } = options;
	const history = webhookHistory(options.lines);
	const queued = new Set(history.queued.keys());
	const webhooks = await openWebhooks(history, {
		outbox: folderOutbox(options.folder),
		record: (entry) => log.intend(entry),
		post: options.post,
		clock,
		random: options.random,
	});
	let telling = Promise.resolve();
	const tellAll = async () => {
		const nowMs = clock.nowMs();
		for (const message of owedWebhooks(log.state, units, figuresOf(log.state, units, nowMs), queued)) {
			await webhooks.queue(message);
			queued.add(message.id);
		}
	};
	const desk: ErpDesk = {
		// What cannot be queued now, because the disk is full, is owed at the next time.
		tell() {
			telling = telling.then(tellAll).catch((error: unknown) => {
				if (log.down === undefined) onBug(error);
			});
			return telling;
		},
		async sendAgain() {
			const failed = webhooks.list().filter(({ state }) => state === "failed");
			let count = 0;
			for (const { id } of failed) count += (await webhooks.sendAgain(id)) ? 1 : 0;
			webhooks.resume();
			return count;
		},
		figures() {
			const open = webhooks.list();
			const failed = open.filter(({ state }) => state === "failed").length;
			return { waiting: open.length - failed, failed, stopped: webhooks.stopped };
		},
		close: () => webhooks.close(),
	};
	await desk.tell();
	return desk;
}
