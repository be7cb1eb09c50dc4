import { createHash } from "node:crypto";

import { fault } from "../../handset/fault.ts";
import type { BatchFigures, BatchState, RunState } from "../journal/batch-state.ts";
import type { Verdict } from "../journal/entry.ts";
import type { Unit } from "../unit.ts";
import type { WebhookMessage } from "./outbox.ts";

/** What the ERP is told of. */
export type WebhookEvent = "unit.passed" | "unit.queued" | "unit.failed" | "batch.closed";

const EVENT_OF: Readonly<Record<Verdict, WebhookEvent | undefined>> = {
	pass: "unit.passed",
	queued: "unit.queued",
	fail: "unit.failed",
	error: "unit.failed",
	// A person stopped it and will start it again: nothing came of it.
	cancelled: undefined,
};

/**
 * The message for a run that ended, or `undefined` for one that says nothing. Made of what the journal holds alone, so the same run
 * gives the same message, id and bytes. It holds the IMEIs in full, because the ERP books by them, and no name of a person.
 *
 * @param unit the unit of the manifest, for the IMEIs of a phone that did not come to tell its own.
 */
export function unitEvent(opened: BatchState["opened"], run: RunState, unit?: Unit): WebhookMessage | undefined {
	const { end, contractId } = run;
	const event = end && EVENT_OF[end.verdict];
	if (end === undefined || event === undefined) return undefined;
	return {
		id: webhookId(opened.batchId, event, run.run),
		event,
		contractId,
		body: bodyOf(event, end.atMs, {
			batchId: opened.batchId,
			station: opened.station,
			contractId,
			run: run.run,
			verdict: end.verdict,
			imeis: run.imeis ?? unit?.imeis ?? [],
			serial: run.serial ?? unit?.serial,
			model: run.model ?? unit?.model,
			slot: run.slot,
			startedAt: new Date(run.startedAtMs).toISOString(),
			endedAt: new Date(end.atMs).toISOString(),
			fault: end.fault && { code: end.fault, meaning: fault(end.fault).meaning },
			enrollmentId: end.enrollmentId,
			deviceId: end.deviceId,
		}),
	};
}

/** The message for a batch that is closed; `undefined` while it is open. @param figures as they are when it is closed. */
export function batchClosedEvent(state: BatchState, figures: BatchFigures): WebhookMessage | undefined {
	const { opened, closed } = state;
	if (!closed) return undefined;
	const event = "batch.closed";
	const { expected, pass, queued, failed, held, missing } = figures;
	return {
		id: webhookId(opened.batchId, event, ""),
		event,
		body: bodyOf(event, closed.atMs, {
			batchId: opened.batchId,
			station: opened.station,
			manifestSha256: opened.manifestSha256,
			closedAt: new Date(closed.atMs).toISOString(),
			...{ expected, pass, queued, failed, held, missing },
		}),
	};
}

/**
 * The messages that the journal owes the ERP: for every run that ended, and the closing, unless it was queued before. To be asked when
 * the station starts, because a kill may have come between the end of a run and its message.
 *
 * @param queued ids that the journal ever queued; see `webhookHistory`.
 */
export function owedWebhooks(
	state: BatchState,
	units: readonly Unit[],
	figures: BatchFigures,
	queued: { has(id: string): boolean },
): readonly WebhookMessage[] {
	const byContract = new Map(units.map((unit) => [unit.contractId, unit]));
	const runs = [...state.units.values()].flatMap((unit) => unit.runs);
	const messages = [
		...runs.map((run) => unitEvent(state.opened, run, byContract.get(run.contractId))),
		batchClosedEvent(state, figures),
	];
	return messages.filter((message) => message !== undefined).filter(({ id }) => !queued.has(id));
}

/** Members without a value are left out by JSON itself. */
function bodyOf(type: WebhookEvent, atMs: number, data: Readonly<Record<string, unknown>>): string {
	return JSON.stringify({ type, timestamp: new Date(atMs).toISOString(), data });
}

function webhookId(batchId: string, event: string, key: string): string {
	const hash = createHash("sha256")
		.update(JSON.stringify([batchId, event, key]))
		.digest("hex");
	return `msg_${hash.slice(0, 32)}`;
}
