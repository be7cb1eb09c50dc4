/** Exports `createRegistry(options): Promise<FastifyInstance>`: the registry's HTTP API over an open database and open keys. */
import swagger from "@fastify/swagger";
import { type TypeBoxTypeProvider, TypeBoxValidatorCompiler } from "@fastify/type-provider-typebox";
import { type FastifyBaseLogger, type FastifyError, type FastifyInstance, type FastifyServerOptions, fastify } from "fastify";

import type { Crypto } from "../../../proto/crypto.ts";
import { withApproval } from "../access/approvals.ts";
import { createProvider } from "../access/provider.ts";
import type { ProviderSettings } from "../access/provider-settings.ts";
import type { SecondPerson } from "../access/second-person.ts";
import { createAttestationStore } from "../attestation/store.ts";
import { createCheckInStore } from "../check-in/check-in-store.ts";
import type { RegistryClock } from "../clock-file.ts";
import { keepRetention } from "../contracts/retention.ts";
import type { RetentionSettings } from "../contracts/retention-settings.ts";
import type { RegistryDatabase } from "../database/database.ts";
import { makeWeeks } from "../database/event-partitions.ts";
import { createFleetWatch } from "../fleet/fleet-watch.ts";
import type { LenderKeys } from "../keys/lender-keys.ts";
import { createNodeCrypto } from "../node-crypto.ts";
import type { Operations } from "../operations/operations.ts";
import { refusal } from "../refusal.ts";
import { nowSeconds, type RegistryContext } from "../registry-context.ts";
import { keepDelivering } from "../webhooks/keep-delivering.ts";
import type { WebhookSecret } from "../webhooks/webhook-signature.ts";
import { agentApkRoutes, type ServedApk } from "./agent-apk-routes.ts";
import { approvalRoutes } from "./approval-routes.ts";
import { attestationRoutes } from "./attestation-routes.ts";
import { borrowerCodeRoutes, borrowerRoutes, buyerRoutes } from "./borrower-routes.ts";
import { limitCallers, USUAL_CALLER_RATE } from "./caller-limit.ts";
import { codeRoutes } from "./code-routes.ts";
import { consoleRoutes } from "./console-routes.ts";
import { contractRoutes } from "./contract-routes.ts";
import { deviceRoutes } from "./device-routes.ts";
import { enrollmentRoutes } from "./enrollment-routes.ts";
import { exportRoutes } from "./export-routes.ts";
import { fleetRoutes } from "./fleet-routes.ts";
import { honourIdempotencyKeys } from "./idempotency.ts";
import { createIdentify } from "./identify.ts";
import { finishedDocument } from "./openapi-document.ts";
import { builtPages, pageRoutes, pagesFor } from "./page-routes.ts";
import { paymentWebhookRoutes } from "./payment-webhook-routes.ts";
import { peopleRoutes } from "./people-routes.ts";
import { answerError, sendProblem } from "./problem.ts";
import { programRoutes } from "./program-routes.ts";
import { providerRoutes } from "./provider-routes.ts";
import { publicRoutes } from "./public-routes.ts";
import { createRateLimit } from "./rate-limit.ts";
import { requireCaller } from "./route-access.ts";
import { serviceRoutes } from "./service-routes.ts";
import { SESSION_COOKIE } from "./session-cookie.ts";
import { sessionRoutes } from "./session-routes.ts";
import { createShowSession } from "./show-session.ts";
import { createSignInLimit, signInRoutes } from "./sign-in-routes.ts";
import { stationRoutes } from "./station-routes.ts";
import { stopInTime } from "./stop-in-time.ts";
import { refuseUnstorableText } from "./storable-text.ts";
import { supportRoutes } from "./support-routes.ts";
import { webhookRoutes } from "./webhook-routes.ts";

const MAX_BODY_BYTES = 128 * 1024;
const REQUEST_DEADLINE_MS = 20_000;
const IDLE_CONNECTION_MS = 65_000;
/** For what is under way when the server is told to stop: no less than a request may take to arrive. */
const STOP_DEADLINE_MS = REQUEST_DEADLINE_MS;

export interface CreateRegistryOptions {
	readonly database: RegistryDatabase;
	readonly keys: LenderKeys;
	readonly clock: RegistryClock;
	/** Milliseconds of a clock that never goes back: for how often somebody asks. Default: this process's own. */
	readonly monotonicMs?: () => number;
	/** Bearer token of the admin API. */
	readonly adminToken: string;
	/** Base URL that phones check in at, for contracts that name none, and under which people open the pages. */
	readonly publicUrl: () => string;
	/** F5: while this says so, no phone is locked for being overdue. Default: never. */
	readonly isPaymentFeedStale?: () => boolean;
	/** Secrets of the lender's payment system. Default: none, and no payment comes by webhook. */
	readonly paymentSecrets?: readonly WebhookSecret[];
	/** How a second person agrees to what one may not do alone. Default: by an approval on a page. */
	readonly secondPerson?: SecondPerson;
	/** The built pages, `provisioning/web/build`. Default: none are handed out. */
	readonly pagesFolder?: string;
	/** The lender's identity provider. Default: people sign in with passkeys alone. */
	readonly provider?: ProviderSettings;
	/** Addresses of reverse proxies that are believed when they say who asks and under which name. Default: none. */
	readonly proxies?: readonly string[];
	/** Questions a second that one program, or one person who is signed in, may ask of this server. Default: 200. */
	readonly callerRate?: number;
	/** The agent that pages install on phones. Default: none is handed out. */
	readonly agentApk?: ServedApk;
	/** For how long personal data is kept after its end; looked at once a day. Default: nothing is deleted by this server. */
	readonly retention?: RetentionSettings;
	/** What whoever runs it sees of it: metrics, traces, draining. Default: nothing is measured. */
	readonly operations?: Operations;
	/** Tells endpoints of events. Default: events are kept, and told by another registry on this database. */
	readonly deliverWebhooks?: boolean;
	/** Also programs on this machine may be told, over http: for trying things out. Default: no. */
	readonly webhookLoopback?: boolean;
	readonly logger?: FastifyBaseLogger | FastifyServerOptions["logger"];
	readonly crypto?: Crypto;
}

/** Stateless: several may run beside each other on one database. The caller closes the database after the server. */
export async function createRegistry(options: CreateRegistryOptions): Promise<FastifyInstance> {
	const { database, keys, clock, publicUrl, crypto = createNodeCrypto(), webhookLoopback: allowLoopback = false } = options;
	const { monotonicMs = () => performance.now() } = options;
	const fleet = createFleetWatch(database, clock);
	const context: RegistryContext = {
		database,
		keys,
		clock,
		monotonicMs,
		crypto,
		publicUrl,
		actor: "registry",
		fleet,
		checkIns: createCheckInStore(database, options.operations?.queues),
		isDraining: options.operations?.isDraining,
		attestation: createAttestationStore(database, keys, crypto, clock),
		secondPerson: options.secondPerson ?? withApproval,
		isPaymentFeedStale: async () => options.isPaymentFeedStale?.() === true || (await fleet.isFeedStale()),
	};
	const app = fastify({
		logger: options.logger ?? false,
		bodyLimit: MAX_BODY_BYTES,
		trustProxy: options.proxies ? [...options.proxies] : false,
		requestTimeout: REQUEST_DEADLINE_MS,
		connectionTimeout: REQUEST_DEADLINE_MS,
		keepAliveTimeout: IDLE_CONNECTION_MS,
		routerOptions: { maxParamLength: 100 },
		forceCloseConnections: "idle",
	}).withTypeProvider<TypeBoxTypeProvider>();
	app.setValidatorCompiler(TypeBoxValidatorCompiler);
	// Answers are built to their type and checked by it; writing them needs no schema.
	app.setSerializerCompiler(() => JSON.stringify);
	app.decorateRequest("caller", null);
	stopInTime(app, STOP_DEADLINE_MS);
	const { operations } = options;
	operations?.attach(app, context);
	const mayWarn = createRateLimit({ burst: 1, perMinute: 1, nowMs: monotonicMs });
	app.setErrorHandler((error: FastifyError, request, reply) => {
		const code = answerError(error, request, reply, mayWarn);
		operations?.refused(code);
	});
	refuseUnstorableText(app);
	app.setNotFoundHandler((_request, reply) =>
		sendProblem(reply, refusal("NOT_FOUND", "There is nothing here.", "See /openapi.json.")),
	);
	app.addHook("onSend", async (_request, reply) => {
		reply.header("x-content-type-options", "nosniff");
		// A page has its own policy; an answer of the API is nothing to be shown, framed or referred from.
		if (!reply.hasHeader("content-security-policy"))
			reply
				.header("content-security-policy", "default-src 'none'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'")
				.header("cross-origin-resource-policy", "same-origin")
				.header("referrer-policy", "no-referrer");
		// Said only where it is true: the registry itself speaks HTTP, and what stands before it speaks TLS.
		if (publicUrl().startsWith("https://")) reply.header("strict-transport-security", "max-age=63072000; includeSubDomains");
		if (!reply.hasHeader("cache-control")) reply.header("cache-control", "no-store");
		// Whoever holds a connection open goes to another server with the next request.
		if (operations?.isDraining()) reply.header("connection", "close");
	});

	await app.register(swagger, {
		transformObject: (document) =>
			"openapiObject" in document ? finishedDocument(document.openapiObject) : document.swaggerObject,
		openapi: {
			openapi: "3.1.0",
			info: { title: "Holdfast registry", version: "1", license: { name: "Apache-2.0", identifier: "Apache-2.0" } },
			components: {
				securitySchemes: {
					adminToken: { type: "http", scheme: "bearer" },
					programToken: { type: "http", scheme: "bearer", bearerFormat: "hfp_<id>_<secret>" },
					borrowerToken: { type: "http", scheme: "bearer" },
					session: { type: "apiKey", in: "cookie", name: SESSION_COOKIE },
				},
			},
		},
	});
	if (options.pagesFolder !== undefined) await app.register(pageRoutes(options.pagesFolder));
	await app.register(publicRoutes(context));
	await app.register(buyerRoutes(context));
	await app.register(borrowerRoutes(context));
	await app.register(deviceRoutes(context, operations));
	const built = options.pagesFolder === undefined ? [] : await builtPages(options.pagesFolder);
	const show = createShowSession(context, (roles) => pagesFor(roles, built));
	const provider = options.provider && createProvider(options.provider);
	const limit = createSignInLimit(context);
	await app.register(signInRoutes(context, { provider, show }, limit));
	await app.register(providerRoutes(context, provider, limit));
	if (options.paymentSecrets) await app.register(paymentWebhookRoutes(context, options.paymentSecrets));
	await app.register(async (admin) => {
		const identify = createIdentify(context, options.adminToken);
		const { callerRate: perSecond = USUAL_CALLER_RATE } = options;
		requireCaller(admin, context, limitCallers(identify, { perSecond, nowMs: monotonicMs }));
		honourIdempotencyKeys(admin, context);
		await admin.register(sessionRoutes(context, show, limit));
		await admin.register(peopleRoutes(context));
		await admin.register(programRoutes(context));
		await admin.register(approvalRoutes(context));
		await admin.register(contractRoutes(context));
		await admin.register(codeRoutes(context));
		await admin.register(enrollmentRoutes(context));
		await admin.register(stationRoutes(context));
		await admin.register(serviceRoutes(context));
		await admin.register(borrowerCodeRoutes(context));
		await admin.register(consoleRoutes(context));
		await admin.register(fleetRoutes(context));
		await admin.register(attestationRoutes(context));
		await admin.register(supportRoutes(context));
		await admin.register(exportRoutes(context));
		await admin.register(agentApkRoutes(options.agentApk));
		await admin.register(webhookRoutes(context, allowLoopback));
	});
	if (options.deliverWebhooks) {
		const stop = keepDelivering(context, {
			allowLoopback,
			onFailure: (error) => app.log.error({ err: error }, "webhooks were not sent"),
			onDisabled: (endpointId, because) =>
				app.log.error({ code: "WEBHOOK_DISABLED", endpointId, because }, "a webhook endpoint gets nothing any more"),
		});
		app.addHook("onClose", stop);
	}
	if (options.retention) {
		// Before the first check-in: one that is on its way to where strays go while its week is made would be refused by the database.
		await makeWeeks(database.kysely, nowSeconds(context)).catch((error: unknown) =>
			app.log.error({ err: error }, "no week was made for check-ins: they are kept all the same"),
		);
		const stop = keepRetention(context, options.retention, (error) =>
			app.log.error({ err: error }, "what is over was not deleted"),
		);
		app.addHook("onClose", async () => stop());
	}
	app.get("/openapi.json", { schema: { hide: true } }, async () => app.swagger());
	await app.ready();
	return app;
}
