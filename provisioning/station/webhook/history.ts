import type { JournalLine } from "../journal/entry.ts";

/** What a journal tells of the messages to the ERP. */
export interface WebhookHistory {
	/** By id, in order: every message that was ever queued, and when it was last. */
	readonly queued: ReadonlyMap<string, { readonly event: string; readonly contractId?: string; readonly atMs: number }>;
	/** By id: those that are no longer under way. */
	readonly ended: ReadonlyMap<string, { readonly delivered: boolean; readonly attempts: number }>;
}

/** Reads the messages out of a journal's lines. A message that was queued again after it was given up is under way again. */
export function webhookHistory(lines: Iterable<JournalLine>): WebhookHistory {
	const queued = new Map<string, { event: string; contractId?: string; atMs: number }>();
	const ended = new Map<string, { delivered: boolean; attempts: number }>();
	for (const line of lines) {
		if (line.type === "webhook-queued") {
			const { id, event, contractId, at } = line;
			ended.delete(id);
			queued.set(id, { event, atMs: at, ...(contractId === undefined ? {} : { contractId }) });
		} else if (line.type === "webhook-ended") ended.set(line.id, { delivered: line.delivered, attempts: line.attempts });
	}
	return { queued, ended };
}
