import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { JournalEntry, JournalLine } from "../../../../provisioning/station/journal/entry.ts";
import { openWebhooks, type WebhookDeliverer, type WebhookPorts } from "../../../../provisioning/station/webhook/deliver.ts";
import { webhookHistory } from "../../../../provisioning/station/webhook/history.ts";
import { folderOutbox, type WebhookMessage } from "../../../../provisioning/station/webhook/outbox.ts";
import { webhookPost } from "../../../../provisioning/station/webhook/post.ts";
import { openStandInErp, type StandInErp } from "./stand-in-erp.ts";
import { type VirtualTime, virtualTime } from "./virtual-time.ts";

export const SECRETS = [new Uint8Array(32).fill(7)];

/** A station's journal and outbox, an ERP on loopback, and a clock that goes when it is told. */
export interface WebhookWorld {
	readonly folder: string;
	readonly journal: JournalLine[];
	readonly time: VirtualTime;
	readonly erp: StandInErp;
	record(entry: JournalEntry): Promise<void>;
	/** Starts as the station does: from its journal and its outbox. */
	start(how?: Partial<WebhookPorts>): Promise<WebhookDeliverer>;
	/** Messages whose end the journal tells. */
	ended(): { id: string; delivered: boolean }[];
	close(): Promise<void>;
}

export async function openWebhookWorld(): Promise<WebhookWorld> {
	const folder = await mkdtemp(join(tmpdir(), "outbox-"));
	const journal: JournalLine[] = [];
	const time = virtualTime(Date.UTC(2026, 10, 21));
	const erp = await openStandInErp();
	const opened: WebhookDeliverer[] = [];
	const world: WebhookWorld = {
		...{ folder, journal, time, erp },
		async record(entry) {
			journal.push({ ...entry, n: journal.length + 1, at: time.nowMs(), previous: "", hash: "" });
		},
		async start(how = {}) {
			const post = webhookPost({ url: erp.url, secrets: SECRETS, deadlineMs: 5000 });
			const ports = { outbox: folderOutbox(folder), record: world.record, post, clock: time, random: () => 0.5, ...how };
			const deliverer = await openWebhooks(webhookHistory(journal), ports);
			opened.push(deliverer);
			return deliverer;
		},
		ended: () => journal.flatMap((line) => (line.type === "webhook-ended" ? [{ id: line.id, delivered: line.delivered }] : [])),
		async close() {
			for (const deliverer of opened) await deliverer.close();
			await erp.close();
			await rm(folder, { recursive: true, force: true });
		},
	};
	return world;
}

export function sampleMessage(name: string, contractId?: string): WebhookMessage {
	return {
		id: `msg_${name}`,
		event: "unit.passed",
		body: JSON.stringify({ name, text: "é ✓" }),
		...(contractId === undefined ? {} : { contractId }),
	};
}
