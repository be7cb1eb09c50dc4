// One node of the registry, as `holdfast serve --metrics` runs it, on a database that is there already; or, for comparison, a plain Fastify
// server that inserts what it is sent and answers. Told where everything is; answers where it listens, then its memory when asked.
import { createInterface } from "node:readline";
import fastify, { type FastifyInstance } from "fastify";
import type { ClientConfig } from "pg";

import { openDatabase } from "../../../provisioning/registry/database/database.ts";
import { createRegistry } from "../../../provisioning/registry/http/create-registry.ts";
import { logSettings } from "../../../provisioning/registry/http/log-settings.ts";
import { openRoleSigners } from "../../../provisioning/registry/keys/lender-keys.ts";
import { createOperations } from "../../../provisioning/registry/operations/operations.ts";
import { memoryOf } from "../process-cost.ts";

export interface NodePlaces {
	readonly connection: ClientConfig;
	readonly keysFolder: string;
	readonly adminToken: string;
	readonly kind: "registry" | "plain";
}

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const { connection, keysFolder, adminToken, kind }: NodePlaces = JSON.parse((await lines.next()).value ?? "{}");
const database = await openDatabase(connection);
let url = "";
const app = kind === "registry" ? await registry() : await plain();
url = await app.listen({ host: "127.0.0.1", port: 0 });
const say = (line: unknown) => process.stdout.write(`${JSON.stringify(line)}\n`);
say({ url });
for (let line = await lines.next(); !line.done; line = await lines.next()) {
	const { user, system } = process.cpuUsage();
	say({ ...memoryOf(), cpuMs: (user + system) / 1000 });
}
process.exit(0);

async function registry(): Promise<FastifyInstance> {
	const keys = await openRoleSigners(keysFolder, { insecureDev: true });
	const clock = { nowMs: () => Date.now() };
	const operations = createOperations({ version: "bench", dataFolder: keysFolder });
	const logger = logSettings(false, process.stderr);
	return createRegistry({ database, keys, clock, adminToken, publicUrl: () => url, operations, logger });
}

async function plain(): Promise<FastifyInstance> {
	await database.pool.query(
		"CREATE TABLE IF NOT EXISTS plain_events (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, body bytea)",
	);
	const server = fastify();
	server.removeAllContentTypeParsers();
	server.addContentTypeParser("application/x-protobuf", { parseAs: "buffer" }, (_request, body, done) => done(null, body));
	const answer = Buffer.alloc(300, 1);
	server.post("/v1/device/check-in", async (request, reply) => {
		await database.pool.query({ name: "plain", text: "INSERT INTO plain_events (body) VALUES ($1)", values: [request.body] });
		return reply.type("application/x-protobuf").send(answer);
	});
	return server;
}
