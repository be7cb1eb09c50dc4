import type { Socket } from "node:net";

import { fastify } from "fastify";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { giveTurns } from "../../../../provisioning/registry/http/caller-turns.ts";
import { answerError } from "../../../../provisioning/registry/http/problem.ts";

const sockets: Socket[] = [];

/** A server whose answers the test gives, by who asks in the query. */
function serve() {
	const app = fastify();
	app.setErrorHandler(answerError);
	app.decorateRequest("caller", null);
	const takeTurn = giveTurns(app);
	sockets.length = 0;
	app.server.on("connection", (socket) => sockets.push(socket));
	const state = { asked: 0, underWay: 0, mostUnderWay: 0, done: 0 };
	let open: () => void = () => undefined;
	const gate = new Promise<void>((resolve) => {
		open = resolve;
	});
	const actorOf = (url: string) => new URL(url, "http://x").searchParams.get("as") ?? "";
	app.addHook("onRequest", async (request, reply) => {
		state.asked += 1;
		// As long as the database takes to say who it is.
		if (request.url.endsWith("&late")) await gate;
		await takeTurn(request, reply, actorOf(request.url));
	});
	app.get("/", async () => {
		state.underWay += 1;
		state.mostUnderWay = Math.max(state.mostUnderWay, state.underWay);
		await gate;
		state.underWay -= 1;
		state.done += 1;
		return "done";
	});
	return {
		app,
		state,
		ask: (as: string) => app.inject(`/?as=${as}`),
		open: () => open(),
	};
}

let server: ReturnType<typeof serve>;
beforeEach(() => {
	server = serve();
});
afterEach(() => server.app.close());

describe("the turns of one caller", () => {
	test("are eight at once; the rest wait and are all answered, and another caller is not kept", async () => {
		const { ask, state, open } = server;
		const many = Promise.all(Array.from({ length: 100 }, () => ask("one")));
		await expect.poll(() => state.underWay).toBe(8);
		const other = ask("other");
		await expect.poll(() => state.underWay).toBe(9);
		open();
		expect((await other).statusCode).toBe(200);
		expect(new Set((await many).map(({ statusCode }) => statusCode))).toEqual(new Set([200]));
		expect(state).toMatchObject({ underWay: 0, mostUnderWay: 9, done: 101 });
	});

	test("are refused where 256 wait already, and given again once those are answered", async () => {
		const { ask, state, open } = server;
		const many = Array.from({ length: 8 + 256 }, () => ask("one"));
		await expect.poll(() => state.underWay).toBe(8);
		const refused = await ask("one");
		expect([refused.statusCode, refused.headers["retry-after"]]).toEqual([429, "1"]);
		expect(refused.json()).toMatchObject({ code: "RATE_LIMITED" });
		open();
		for (const answer of await Promise.all(many)) expect(answer.statusCode).toBe(200);
		expect((await ask("one")).statusCode).toBe(200);
	});

	test("that somebody hung up on are nobody's any more, under way or waiting", async () => {
		const { app, ask, state, open } = server;
		const url = await app.listen({ host: "127.0.0.1", port: 0 });
		const gone = new AbortController();
		const cut = Array.from({ length: 30 }, () => fetch(`${url}/?as=one`, { signal: gone.signal }).catch(() => "cut"));
		await expect.poll(() => state.underWay).toBe(8);
		gone.abort();
		expect(new Set(await Promise.all(cut))).toEqual(new Set(["cut"]));
		// What is worked on goes on, and keeps its turn until it has ended; the twenty-two that waited never begin.
		const after = ask("one");
		await new Promise((resolve) => setImmediate(resolve));
		expect(state.underWay).toBe(8);
		open();
		expect((await after).statusCode).toBe(200);
		expect(state).toMatchObject({ underWay: 0, mostUnderWay: 8, done: 9 });
	});

	test("are not taken by who hung up before it was known who it is", async () => {
		const { app, ask, state, open } = server;
		const url = await app.listen({ host: "127.0.0.1", port: 0 });
		const gone = new AbortController();
		const cut = Array.from({ length: 8 }, () => fetch(`${url}/?as=one&late`, { signal: gone.signal }).catch(() => "cut"));
		await expect.poll(() => state.asked).toBe(8);
		let hungUp = 0;
		for (const socket of sockets) socket.once("close", () => (hungUp += 1));
		gone.abort();
		await Promise.all(cut);
		await expect.poll(() => hungUp).toBe(8);
		open();
		expect((await ask("one")).statusCode).toBe(200);
		expect(state.done).toBe(1);
	});
});
