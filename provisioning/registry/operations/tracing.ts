import { type Context, ROOT_CONTEXT, type Span, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import type { SpanExporter } from "@opentelemetry/sdk-trace";

/** Of a route's template, a method, a status, a code of ours or a number: nothing that a caller sends may be one. */
export type SpanAttributes = Readonly<Record<string, string | number>>;

/** A piece of work in a trace. Milliseconds since 1970-01-01T00:00:00Z; now, where left out. */
export interface TraceSpan {
	child(name: string, startMs?: number): TraceSpan;
	set(attributes: SpanAttributes): void;
	/** @param failed it came to nothing. */
	end(endMs?: number, failed?: boolean): void;
}

export interface Tracing {
	/** A request's own trace. One that a caller began is not gone on with: no phone chooses what is sampled. */
	start(name: string): TraceSpan;
	/** Sends what waits, for five seconds at most. */
	close(): Promise<void>;
}

/** Of all requests, unless OTEL_TRACES_SAMPLER says otherwise: a fleet's check-ins are many and alike. */
const USUAL_RATIO = 0.01;
const CLOSE_DEADLINE_MS = 5000;

/**
 * Traces by OTLP over HTTP (JSON), as OpenTelemetry's standard variables say: OTEL_EXPORTER_OTLP_ENDPOINT or
 * OTEL_EXPORTER_OTLP_TRACES_ENDPOINT, and their HEADERS, TIMEOUT and COMPRESSION; OTEL_SERVICE_NAME, OTEL_RESOURCE_ATTRIBUTES,
 * OTEL_TRACES_SAMPLER with its ARG, OTEL_TRACES_EXPORTER=none, OTEL_SDK_DISABLED.
 *
 * @param exporter where spans go instead, for tests.
 * @returns `undefined` where no address is given: then nothing is loaded, and nothing is measured for it.
 */
export async function startTracing(
	environment: NodeJS.ProcessEnv,
	version: string,
	exporter?: SpanExporter,
): Promise<Tracing | undefined> {
	if (!exporter && !isAskedFor(environment)) return undefined;
	const sdk = await import("@opentelemetry/sdk-trace");
	const { defaultResource, detectResources, envDetector, resourceFromAttributes } = await import("@opentelemetry/resources");
	const sink = exporter ?? new (await import("@opentelemetry/exporter-trace-otlp-http")).OTLPTraceExporter();
	const ratio = ratioOf(environment);
	const provider = new sdk.TracerProvider({
		resource: defaultResource()
			.merge(resourceFromAttributes({ "service.name": "holdfast-registry", "service.version": version }))
			.merge(detectResources({ detectors: [envDetector] })),
		sampler: ratio >= 1 ? new sdk.AlwaysOnSampler() : new sdk.TraceIdRatioBasedSampler(ratio),
		spanProcessors: [exporter ? new sdk.SimpleSpanProcessor({ exporter }) : new sdk.BatchSpanProcessor({ exporter: sink })],
	});
	const tracer = provider.getTracer("holdfast", version);
	const begin = (name: string, parent: Context, kind: SpanKind, startTime?: number): TraceSpan => {
		const span = tracer.startSpan(name, { kind, ...(startTime === undefined ? {} : { startTime }) }, parent);
		return spanOf(span, (child, startMs) => begin(child, trace.setSpan(parent, span), SpanKind.INTERNAL, startMs));
	};
	return {
		start: (name) => begin(name, ROOT_CONTEXT, SpanKind.SERVER),
		close: () =>
			provider
				.forceFlush({ timeoutMillis: CLOSE_DEADLINE_MS })
				.then(() => provider.shutdown())
				.catch(() => undefined),
	};
}

function spanOf(span: Span, child: TraceSpan["child"]): TraceSpan {
	return {
		child,
		set: (attributes) => void span.setAttributes({ ...attributes }),
		end(endMs, failed = false) {
			if (failed) span.setStatus({ code: SpanStatusCode.ERROR });
			span.end(endMs);
		},
	};
}

function isAskedFor(environment: NodeJS.ProcessEnv): boolean {
	if (environment.OTEL_SDK_DISABLED?.toLowerCase() === "true" || environment.OTEL_TRACES_EXPORTER === "none") return false;
	return Boolean(environment.OTEL_EXPORTER_OTLP_ENDPOINT || environment.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT);
}

/** Which part of requests is traced. Nothing else of a sampler's name matters: no trace here begins elsewhere. */
function ratioOf({ OTEL_TRACES_SAMPLER: name = "", OTEL_TRACES_SAMPLER_ARG: argument }: NodeJS.ProcessEnv): number {
	if (name.endsWith("always_on")) return 1;
	if (name.endsWith("always_off")) return 0;
	const ratio = Number(argument ?? (name.endsWith("traceidratio") ? 1 : USUAL_RATIO));
	return ratio >= 0 && ratio <= 1 ? ratio : USUAL_RATIO;
}
