import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { connect, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

import { type FastifyInstance, fastify } from "fastify";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";

import { stopInTime } from "../../../../provisioning/registry/http/stop-in-time.ts";
import { startTestRegistry, type TestRegistry } from "../test-registry.ts";

/** A connection that tells what came over it, and when it was closed. */
async function dial(port: number): Promise<{ socket: Socket; heard: () => string; closed: Promise<number> }> {
	const socket = connect(port, "127.0.0.1");
	let text = "";
	socket.setEncoding("utf8").on("data", (more: string) => {
		text += more;
	});
	socket.on("error", () => {}); // closed on us: "close" follows
	const closed = once(socket, "close").then(() => Date.now());
	await once(socket, "connect");
	return { socket, heard: () => text, closed };
}

/** How long a connection may be idle: what a stop must not wait for. */
const IDLE_MS = 65_000;
const portOf = (app: FastifyInstance) => (app.server.address() as AddressInfo).port; // it listens on a port, not a pipe
const HEAD = (length: number) =>
	`POST /v1/device/check-in HTTP/1.1\r\nhost: a\r\ncontent-type: application/x-protobuf\r\ncontent-length: ${length}\r\n\r\n`;

describe("a registry that is told to stop while a request is under way", () => {
	let registry: TestRegistry;
	beforeAll(async () => {
		registry = await startTestRegistry();
	});
	afterAll(() => registry.close());

	it("answers it, says that the connection ends with it, and is gone at once", async () => {
		const { socket, heard, closed } = await dial(portOf(registry.app));
		const begins = once(registry.app.server, "request");
		socket.write(`${HEAD(4)}ab`);
		await begins;
		const begun = Date.now();
		const stopped = registry.app.close().then(() => Date.now());
		await sleep(100);
		socket.write("cd");
		expect((await stopped) - begun).toBeLessThan(15_000); // its own deadline is 20 s
		await closed;
		expect(heard()).toMatch(/^HTTP\/1\.1 4\d\d /);
		expect(heard().toLowerCase()).toContain("\r\nconnection: close\r\n");
	});
});

describe("a server with a deadline for stopping", () => {
	const DEADLINE_MS = 500;
	/** Longer than any of these tests. */
	const NO_DEADLINE_MS = 300_000;
	let app: FastifyInstance;
	async function listening(deadlineMs: number): Promise<void> {
		app = fastify({ keepAliveTimeout: IDLE_MS, forceCloseConnections: "idle" });
		stopInTime(app, deadlineMs);
		app.get("/long", (_request, reply) => {
			reply.hijack();
			reply.raw.writeHead(200, { "content-length": 4 });
			reply.raw.write("ab");
			setTimeout(() => reply.raw.end("cd"), 300);
		});
		app.post("/", async () => "done");
		await app.listen({ port: 0 });
	}
	afterEach(() => app.close());

	it("cuts off who sends a byte now and then, and not before the deadline", async () => {
		await listening(DEADLINE_MS);
		const { socket, heard, closed } = await dial(portOf(app));
		const begins = once(app.server, "request");
		socket.write("POST / HTTP/1.1\r\nhost: a\r\ncontent-type: text/plain\r\ncontent-length: 100000\r\n\r\n");
		const drip = setInterval(() => socket.write("a"), 20);
		await begins;
		const begun = Date.now();
		await app.close();
		clearInterval(drip);
		const took = (await closed) - begun;
		expect(took).toBeGreaterThanOrEqual(DEADLINE_MS - 50);
		expect(took).toBeLessThan(IDLE_MS / 2);
		expect(heard()).toBe("");
	});

	it("cuts off who never sends anything", async () => {
		await listening(DEADLINE_MS);
		const { closed } = await dial(portOf(app));
		const begun = Date.now();
		await app.close();
		expect((await closed) - begun).toBeLessThan(IDLE_MS / 2);
	});

	it("lets an answer whose head is out already come to its end, and waits no longer for its connection", async () => {
		await listening(NO_DEADLINE_MS);
		const { socket, heard, closed } = await dial(portOf(app));
		socket.write("GET /long HTTP/1.1\r\nhost: a\r\n\r\n");
		while (!heard().endsWith("ab")) await sleep(10);
		const begun = Date.now();
		await app.close();
		expect((await closed) - begun).toBeLessThan(IDLE_MS / 2);
		expect(heard()).toMatch(/\r\n\r\nabcd$/);
	});

	it.each([
		["listened", true],
		["was only asked from within", false],
	])("keeps no timer when it %s", async (_, listens) => {
		await listening(DEADLINE_MS);
		const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === "Timeout").length;
		if (!listens) {
			await app.close();
			app = fastify();
			stopInTime(app, DEADLINE_MS);
			await app.ready();
		}
		const before = timers();
		await app.close();
		expect(timers()).toBeLessThanOrEqual(before);
	});
});
