import type { FastifyInstance, FastifyRequest } from "fastify";
import { collectDefaultMetrics, Gauge, Registry } from "prom-client";
import type { RegistryContext } from "../registry-context.ts";
import { addFleetMetrics } from "./fleet-metrics.ts";
import type { CheckInQueue, Observer, Phase, QueueWatch, Turn } from "./observer.ts";
import { createRequestMetrics } from "./request-metrics.ts";
import type { TraceSpan, Tracing } from "./tracing.ts";

declare module "fastify" {
	interface FastifyRequest {
		/** Its own, where this request is traced. */
		span: TraceSpan | null;
	}
}

export interface OperationsOptions {
	/** Version of this program. */
	readonly version: string;
	readonly tracing?: Tracing | undefined;
	/** Whose disk is watched. */
	readonly dataFolder?: string;
}

/** What whoever runs a registry sees of it. */
export interface Operations {
	/** Of each queue that check-ins wait in. */
	readonly queues: Readonly<Record<CheckInQueue, QueueWatch>>;
	/** Times every request of a server, and reads the fleet's figures. Before its routes are added. */
	attach(app: FastifyInstance, context: RegistryContext): void;
	/** The context of one request: what it does is timed as its own. */
	observing(context: RegistryContext, request: FastifyRequest): RegistryContext;
	/** A request was refused, by the code that its caller is told. */
	refused(code: string): void;
	/** Prometheus's text format. */
	read(): Promise<string>;
	readonly contentType: string;
	/** This server is about to stop. */
	drain(): void;
	isDraining(): boolean;
}

const NO_ROUTE = "none";

export function createOperations({ version, tracing, dataFolder }: OperationsOptions): Operations {
	const register = new Registry();
	collectDefaultMetrics({ register });
	new Gauge({ name: "holdfast_info", help: "Version of Holdfast.", labelNames: ["version"], registers: [register] }).set(
		{ version },
		1,
	);
	const metrics = createRequestMetrics(register);
	const untraced = observerOf(undefined);
	let draining = false;

	function observerOf(parent: TraceSpan | undefined): Observer {
		return {
			outcome: metrics.outcome,
			phase: (name, work) => (parent ? traced(parent, name, work) : timed(name, work)),
		};
	}

	async function timed<Value>(name: Phase, work: () => Value | Promise<Value>): Promise<Value> {
		const startedMs = performance.now();
		try {
			return await work();
		} finally {
			metrics.phase(name, (performance.now() - startedMs) / 1000);
		}
	}

	async function traced<Value>(
		parent: TraceSpan,
		name: Phase,
		work: (onTurn: (turn: Turn) => void) => Value | Promise<Value>,
	): Promise<Value> {
		const span = parent.child(`check-in ${name}`);
		let turn: Turn | undefined;
		let failed = true;
		try {
			const value = await timed(name, () =>
				work((seen) => {
					turn = seen;
				}),
			);
			failed = false;
			return value;
		} finally {
			if (turn) {
				// Both are known only now: the queue is left by a run that is not this request's own.
				const atMs = (monotonicMs: number) => performance.timeOrigin + monotonicMs;
				span.child("queue", atMs(turn.queuedAtMs)).end(atMs(turn.startedAtMs));
				const database = span.child("database", atMs(turn.startedAtMs));
				database.set({ "holdfast.batch_size": turn.together });
				database.end(undefined, failed);
			}
			span.end(undefined, failed);
		}
	}

	return {
		queues: metrics.queues,
		attach(app, context) {
			addFleetMetrics(register, context, { dataFolder });
			app.decorateRequest("span", null);
			if (tracing) {
				app.addHook("onRequest", (request, _reply, done) => {
					request.span = tracing.start(`${request.method} ${request.routeOptions.url ?? NO_ROUTE}`);
					done();
				});
			}
			app.addHook("onResponse", (request, reply, done) => {
				const route = request.routeOptions.url ?? NO_ROUTE;
				metrics.answered(request.method, route, reply.statusCode, reply.elapsedTime / 1000);
				request.span?.set({
					"http.request.method": request.method,
					"http.route": route,
					"http.response.status_code": reply.statusCode,
				});
				request.span?.end(undefined, reply.statusCode >= 500);
				done();
			});
		},
		observing: (context, { span }) => ({ ...context, observer: span ? observerOf(span) : untraced }),
		refused: metrics.refused,
		read: () => register.metrics(),
		contentType: register.contentType,
		drain() {
			draining = true;
		},
		isDraining: () => draining,
	};
}
