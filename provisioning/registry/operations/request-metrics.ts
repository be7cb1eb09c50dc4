import { Counter, Gauge, Histogram, type Registry } from "prom-client";

import type { CheckInQueue, Phase, QueueWatch } from "./observer.ts";

/** Seconds. Half of all check-ins take a few milliseconds; a phone gives up after twenty seconds. */
const SECONDS = [0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const BATCH = [1, 2, 4, 8, 16, 32, 64];

/** Every rule that a phone gives for an order that it did not take: what is not on this list counts as `other`. */
const RULE =
	/^(?:F(?:[1-9]|1[0-8])|UNTRUSTED|WRONG_(?:ROLE|ADDRESSEE|EPOCH)|ROLE_EXPIRED|REPLAYED|EXPIRED|FROM_THE_FUTURE|OUT_OF_BOUNDS|CONSENT_MISSING|ENDED)$/;

/** What this process counts of the requests that it answers. */
export interface RequestMetrics {
	/** @param route its template, never the address: an IMEI may stand in that. */
	answered(method: string, route: string, status: number, seconds: number): void;
	refused(code: string): void;
	phase(name: Phase, seconds: number): void;
	outcome(result: string, rule: string): void;
	readonly queues: Readonly<Record<CheckInQueue, QueueWatch>>;
}

export function createRequestMetrics(register: Registry): RequestMetrics {
	const registers = [register];
	const requests = new Histogram({
		name: "holdfast_http_request_duration_seconds",
		help: "Requests by route template and class of status.",
		labelNames: ["method", "route", "status"],
		buckets: SECONDS,
		registers,
	});
	const refusals = new Counter({
		name: "holdfast_refusals_total",
		help: "Requests that were refused or failed, by the code that the caller was told.",
		labelNames: ["code"],
		registers,
	});
	const phases = new Histogram({
		name: "holdfast_check_in_phase_duration_seconds",
		help: "Parts of a check-in: read (queue and database), verify, record (queue and database), sign.",
		labelNames: ["phase"],
		buckets: SECONDS,
		registers,
	});
	const outcomes = new Counter({
		name: "holdfast_order_outcomes_total",
		help: "What phones made of orders; the rule is empty for one that was accepted.",
		labelNames: ["result", "rule"],
		registers,
	});
	const waiting = new Gauge({
		name: "holdfast_check_in_queue_waiting",
		help: "Check-ins that wait for the next round trip to the database. 4096 is full.",
		labelNames: ["queue"],
		registers,
	});
	const together = new Histogram({
		name: "holdfast_check_in_batch_size",
		help: "Check-ins that went to the database together.",
		labelNames: ["queue"],
		buckets: BATCH,
		registers,
	});
	const waited = new Histogram({
		name: "holdfast_check_in_queue_wait_seconds",
		help: "How long the first check-in of each batch had waited.",
		labelNames: ["queue"],
		buckets: SECONDS,
		registers,
	});
	const took = new Histogram({
		name: "holdfast_check_in_batch_duration_seconds",
		help: "Round trip to the database of each batch, with its durable commit.",
		labelNames: ["queue"],
		buckets: SECONDS,
		registers,
	});
	const queue = (name: CheckInQueue): QueueWatch => {
		waiting.set({ queue: name }, 0);
		const depth = waiting.labels({ queue: name });
		const size = together.labels({ queue: name });
		const wait = waited.labels({ queue: name });
		const trip = took.labels({ queue: name });
		return {
			waiting: (count) => depth.set(count),
			ran(count, waitedMs, tookMs) {
				size.observe(count);
				wait.observe(waitedMs / 1000);
				trip.observe(tookMs / 1000);
			},
		};
	};
	const each = (name: Phase) => phases.labels({ phase: name });
	const byPhase = { read: each("read"), verify: each("verify"), record: each("record"), sign: each("sign") };
	return {
		answered: (method, route, status, seconds) =>
			requests.observe({ method, route, status: `${Math.floor(status / 100)}xx` }, seconds),
		refused: (code) => refusals.inc({ code }),
		phase: (name, seconds) => byPhase[name].observe(seconds),
		outcome: (result, rule) => outcomes.inc({ result, rule: rule === "" || RULE.test(rule) ? rule : "other" }),
		queues: { read: queue("read"), record: queue("record"), confirm: queue("confirm") },
	};
}
