/** Exports `createRegistry(options): Promise<FastifyInstance>`: the registry's HTTP API over an open database and open keys. */
import swagger from "@fastify/swagger";
import { type TypeBoxTypeProvider, TypeBoxValidatorCompiler } from "@fastify/type-provider-typebox";
import { type FastifyBaseLogger, type FastifyInstance, type FastifyServerOptions, fastify } from "fastify";

import type { Crypto } from "../../../proto/crypto.ts";
import { TOKEN_HOLDER } from "../access/role.ts";
import type { RegistryClock } from "../clock-file.ts";
import type { RegistryDatabase } from "../database/database.ts";
import type { LenderKeys } from "../keys/lender-keys.ts";
import { createNodeCrypto } from "../node-crypto.ts";
import { refusal } from "../refusal.ts";
import type { RegistryContext } from "../registry-context.ts";
import { bearerCheck } from "./admin-token.ts";
import { agentApkRoutes, type ServedApk } from "./agent-apk-routes.ts";
import { codeRoutes } from "./code-routes.ts";
import { contractRoutes } from "./contract-routes.ts";
import { deviceRoutes } from "./device-routes.ts";
import { enrollmentRoutes } from "./enrollment-routes.ts";
import { pageRoutes } from "./page-routes.ts";
import { answerError, sendProblem } from "./problem.ts";
import { publicRoutes } from "./public-routes.ts";
import { requireCaller } from "./route-access.ts";
import { stationRoutes } from "./station-routes.ts";

const MAX_BODY_BYTES = 128 * 1024;
const REQUEST_DEADLINE_MS = 20_000;
const IDLE_CONNECTION_MS = 65_000;

export interface CreateRegistryOptions {
	readonly database: RegistryDatabase;
	readonly keys: LenderKeys;
	readonly clock: RegistryClock;
	/** Bearer token of the admin API. */
	readonly adminToken: string;
	/** Base URL that phones check in at, for contracts that name none. */
	readonly publicUrl: () => string;
	/** F5: while this says so, no phone is locked for being overdue. Default: never. */
	readonly isPaymentFeedStale?: () => boolean;
	/** The built pages, `provisioning/web/build`. Default: none are handed out. */
	readonly pagesFolder?: string;
	/** The agent that pages install on phones. Default: none is handed out. */
	readonly agentApk?: ServedApk;
	readonly logger?: FastifyBaseLogger | FastifyServerOptions["logger"];
	readonly crypto?: Crypto;
}

/** Stateless: several may run beside each other on one database. The caller closes the database after the server. */
export async function createRegistry(options: CreateRegistryOptions): Promise<FastifyInstance> {
	const { database, keys, clock, publicUrl, crypto = createNodeCrypto() } = options;
	const context: RegistryContext = {
		database,
		keys,
		clock,
		crypto,
		publicUrl,
		actor: "registry",
		isPaymentFeedStale: options.isPaymentFeedStale ?? (() => false),
	};
	const app = fastify({
		logger: options.logger ?? false,
		bodyLimit: MAX_BODY_BYTES,
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
	app.setErrorHandler(answerError);
	app.setNotFoundHandler((_request, reply) =>
		sendProblem(reply, refusal("NOT_FOUND", "There is nothing here.", "See /openapi.json.")),
	);
	app.addHook("onSend", async (_request, reply) => {
		reply.header("x-content-type-options", "nosniff");
		if (!reply.hasHeader("cache-control")) reply.header("cache-control", "no-store");
	});

	await app.register(swagger, {
		openapi: {
			openapi: "3.1.0",
			info: { title: "Holdfast registry", version: "1", license: { name: "Apache-2.0", identifier: "Apache-2.0" } },
			components: {
				securitySchemes: {
					adminToken: { type: "http", scheme: "bearer" },
					session: { type: "apiKey", in: "cookie", name: "__Host-holdfast" },
				},
			},
		},
	});
	if (options.pagesFolder !== undefined) await app.register(pageRoutes(options.pagesFolder));
	await app.register(publicRoutes(context));
	await app.register(deviceRoutes(context));
	await app.register(async (admin) => {
		const isAdmin = bearerCheck(options.adminToken);
		requireCaller(admin, ({ headers }) => (isAdmin(headers.authorization) ? TOKEN_HOLDER : undefined));
		await admin.register(contractRoutes(context));
		await admin.register(codeRoutes(context));
		await admin.register(enrollmentRoutes(context));
		await admin.register(stationRoutes(context));
		await admin.register(agentApkRoutes(options.agentApk));
	});
	app.get("/openapi.json", { schema: { hide: true } }, async () => app.swagger());
	await app.ready();
	return app;
}
