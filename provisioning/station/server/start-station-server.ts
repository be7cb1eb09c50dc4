/** Exports `startStationServer(options): Promise<StationServer>`: the station's page, its events, its commands and its metrics. */
import { type FastifyInstance, type FastifyServerOptions, fastify, LogController } from "fastify";

import type { BatchState } from "../journal/batch-state.ts";
import type { Station } from "../station.ts";
import { type Access, createAccess } from "./access.ts";
import { commandRoute } from "./command-route.ts";
import { createEventStream, type EventStream } from "./event-stream.ts";
import { createMetrics } from "./metrics.ts";
import { pageFiles } from "./page-files.ts";
import { answerError, ServerRefusal, sendProblem, whoAndWhere } from "./problem.ts";
import { type ReportFormat, reportRoutes } from "./report-routes.ts";

const REQUEST_DEADLINE_MS = 35_000;
/** A HEAD would use an entry code up, or follow the station without a body to send to. */
const onlyGet = { exposeHeadRoute: false };
const SECURITY_HEADERS = {
	"content-security-policy": "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
	"x-content-type-options": "nosniff",
	"x-frame-options": "DENY",
	"referrer-policy": "no-referrer",
	"cross-origin-opener-policy": "same-origin",
	"cross-origin-resource-policy": "same-origin",
	"permissions-policy": "camera=(), microphone=(), geolocation=()",
} as const;

export interface StationServerOptions {
	readonly station: Station;
	/** The built page: `provisioning/web/build/station`. */
	readonly pageFolder: string;
	/** Default: 127.0.0.1. Any other address than this machine's own needs a token. */
	readonly host?: string;
	/** 0 or left out = any free one. */
	readonly port?: number;
	/** Secret of at least 32 characters: nobody enters without the cookie that {@link StationServer.entryUrl} gives, or this as Bearer. */
	readonly token?: string;
	/** Names that the page may be opened under, besides IP addresses and localhost. */
	readonly hostNames?: readonly string[];
	/** Makes a report of the batch; `undefined` if there is none. Without it reports are not found. */
	readonly reports?: (format: ReportFormat) => Promise<Uint8Array | undefined>;
	/** The journal's state, for metrics that a view does not hold. */
	readonly batchState?: () => BatchState;
	/** Pages and terminals at once. Default: 32. */
	readonly maxReaders?: number;
	/** Least time between two changes, milliseconds. Default: 100. */
	readonly coalesceMs?: number;
	/** Longest silence of the event stream, milliseconds. Default: 5,000. */
	readonly heartbeatMs?: number;
	readonly logger?: FastifyServerOptions["logger"];
	/** Milliseconds since 1970, for the life of cookies and entry codes. */
	readonly nowMs?: () => number;
}

export interface StationServer {
	/** Base URL, without a slash at its end. */
	readonly url: string;
	/** An address that lets one browser in, once, within 15 minutes. The base URL where there is no token. */
	entryUrl(): string;
	/** Ends every event stream and what is under way. Leaves the station as it is. */
	close(): Promise<void>;
}

/** @throws {Error} if other machines could reach it and there is no token, or the address is taken. */
export async function startStationServer(options: StationServerOptions): Promise<StationServer> {
	const { station, host = "127.0.0.1", port = 0, token, hostNames = [], nowMs = Date.now } = options;
	const access = createAccess({ host, hostNames: [host, ...hostNames], token, nowMs });
	const events = createEventStream({
		station,
		coalesceMs: options.coalesceMs ?? 100,
		heartbeatMs: options.heartbeatMs ?? 5_000,
		stallMs: 30_000,
		maxReaders: options.maxReaders ?? 32,
	});
	const app = fastify({
		logger: options.logger ?? false,
		requestTimeout: REQUEST_DEADLINE_MS,
		forceCloseConnections: true,
		routerOptions: { maxParamLength: 100 },
		// Neither bodies nor addresses are logged: a badge or an entry code may stand in them.
		logController: new LogController({ disableRequestLogging: true }),
	});
	// A form of another site can send plain text, but not JSON.
	app.removeContentTypeParser("text/plain");
	app.setErrorHandler(answerError);
	app.setNotFoundHandler((_request, reply) =>
		sendProblem(reply, new ServerRefusal("NOT_FOUND", "There is nothing here.", "Open the station's page at /.")),
	);
	app.addHook("onRequest", async ({ headers }, reply) => {
		reply.headers(SECURITY_HEADERS);
		access.requireHost(headers);
	});
	app.addHook("onSend", async (_request, reply) => {
		if (!reply.hasHeader("cache-control")) reply.header("cache-control", "no-store");
	});
	app.get("/healthz", async () => ({ status: "ok" }));
	app.get("/readyz", async (_request, reply) => {
		const { down, adbServer, registry } = station.view();
		const isReady = down === undefined && adbServer === "up";
		return reply
			.code(isReady ? 200 : 503)
			.send({ status: isReady ? "ready" : "not ready", down: down?.code ?? null, adbServer, registry: registry.state });
	});
	app.get<{ Params: { code: string } }>("/enter/:code", onlyGet, async (request, reply) => {
		reply.header("set-cookie", access.enter(request.params.code)).type("text/html; charset=utf-8");
		request.log.info(whoAndWhere(request), "a browser was let in");
		// Not a redirect: a browser that came from elsewhere would not send a strict cookie along.
		return '<!doctype html><html lang="en"><title>Holdfast</title><meta http-equiv="refresh" content="0; url=/"><a href="/">Holdfast</a></html>';
	});
	await app.register(async (inner) => {
		inner.addHook("onRequest", async ({ headers }) => access.requireEntry(headers));
		await inner.register(async (api) => {
			api.addHook("onRequest", async ({ headers }) => access.requireOwnPage(headers));
			apiRoutes(api, options, events, access);
		});
		await pageFiles(inner, options.pageFolder);
	});
	let url: string;
	try {
		url = await app.listen({ host, port });
	} catch (error) {
		events.close();
		await app.close();
		throw error;
	}
	return {
		url,
		entryUrl: () => (token === undefined ? `${url}/` : `${url}/enter/${access.newEntryCode()}`),
		async close() {
			events.close();
			await app.close();
		},
	};
}

function apiRoutes(api: FastifyInstance, options: StationServerOptions, events: EventStream, access: Access): void {
	const { station, reports, batchState } = options;
	const metrics = createMetrics({ view: () => station.view(), batchState, readers: () => events.readers });
	api.get("/metrics", async (_request, reply) => reply.type(metrics.contentType).send(await metrics.read()));
	api.get("/api/events", onlyGet, async ({ headers }, reply) => {
		if (!events.add(reply.raw, { ...SECURITY_HEADERS, "cache-control": "no-store" }, () => access.isLetIn(headers))) {
			throw new ServerRefusal("TOO_MANY", "Too many pages follow this station.", "Close the page on another screen.");
		}
		reply.hijack();
	});
	api.get("/api/session", onlyGet, async ({ headers }) => ({ entry: access.entryOf(headers) }));
	api.delete("/api/session", async (request, reply) => {
		reply.header("set-cookie", access.leave(request.headers));
		events.letGo();
		request.log.info(whoAndWhere(request), "a browser signed out");
		return { entry: "free" };
	});
	commandRoute(api, station);
	reportRoutes(api, () => station.view().batch.id, reports);
}
