import { afterEach, describe, expect, it } from "vitest";

import { createAnsweredCommands } from "../../../../provisioning/station/server/answered-commands.ts";
import { type StationServer, startStationServer } from "../../../../provisioning/station/server/start-station-server.ts";
import { createFakeStation, type FakeStation } from "./fake-station.ts";

let server: StationServer | undefined;
afterEach(async () => {
	await server?.close();
});

async function serve(
	lines: string[] = [],
): Promise<{ station: FakeStation; send: (body: unknown, key?: string | null) => Promise<Response> }> {
	const station = createFakeStation();
	server = await startStationServer({
		station,
		pageFolder: "/nowhere",
		logger: { level: "trace", stream: { write: (line) => void lines.push(line) } },
	});
	const { url } = server;
	let count = 0;
	return {
		station,
		send: (body, key = `key-number-${count++}`) =>
			fetch(`${url}/api/commands`, {
				method: "POST",
				headers: { "content-type": "application/json", ...(key === null ? {} : { "idempotency-key": key }) },
				body: typeof body === "string" ? body : JSON.stringify(body),
			}),
	};
}

describe("commands", () => {
	it("are answered as the station answers them, refusals too", async () => {
		const { station, send } = await serve();
		const taken = await send({ type: "scan", text: "490154203237518" });
		expect([taken.status, await taken.json()]).toEqual([200, { ok: true, text: "Plug its phone in." }]);
		const refused = await send({ type: "scan", text: "hello" });
		expect([refused.status, await refused.json()]).toEqual([200, expect.objectContaining({ ok: false, code: "NOT_A_CODE" })]);
		expect(station.commands).toEqual([
			{ type: "scan", text: "490154203237518" },
			{ type: "scan", text: "hello" },
		]);
	});

	it("happen once for one key, however often they are sent and while they run", async () => {
		const { station, send } = await serve();
		let finish = () => {};
		station.answerWith(() => new Promise((resolve) => (finish = () => resolve({ ok: true, text: "once" }))));
		const stop = { type: "stop", slots: [1, 2], count: 2 };
		const both = [send(stop, "same-key-1"), send(stop, "same-key-1")];
		await expect.poll(() => station.commands.length).toBe(1);
		finish();
		const answers = await Promise.all([...both, send(stop, "same-key-1")]);
		expect(await Promise.all(answers.map((answer) => answer.json()))).toEqual(Array(3).fill({ ok: true, text: "once" }));
		expect(station.commands.length).toBe(1);
	});

	it("do not share a key", async () => {
		const { station, send } = await serve();
		await send({ type: "identify", slot: 1 }, "same-key-1");
		const other = await send({ type: "identify", slot: 2 }, "same-key-1");
		expect([other.status, await other.json()]).toEqual([422, expect.objectContaining({ code: "KEY_REUSED" })]);
		expect(station.commands).toEqual([{ type: "identify", slot: 1 }]);
	});

	it("need a key", async () => {
		const { station, send } = await serve();
		for (const key of [null, "short", "has space in it", "x".repeat(129)])
			expect((await send({ type: "sign-out" }, key)).status).toBe(400);
		expect(station.commands).toEqual([]);
	});

	it.each([
		["nothing", "null"],
		["no JSON", "{"],
		["no type", {}],
		["a type that is not known", { type: "unlock-everything" }],
		["a name too many", { type: "sign-out", everything: true }],
		["all slots", { type: "stop", slots: "all", count: 64 }],
		["a slot twice", { type: "stop", slots: [1, 1], count: 2 }],
		["no count", { type: "stop", slots: [1] }],
		["slot 0", { type: "identify", slot: 0 }],
		["no reason", { type: "hold", contractId: "C-1", reason: "" }],
		["a list", [{ type: "sign-out" }]],
	])("of another shape are problems: %s", async (_name, body) => {
		const { station, send } = await serve();
		const answer = await send(body);
		expect([answer.status, answer.headers.get("content-type")]).toEqual([400, "application/problem+json"]);
		expect(await answer.json()).toMatchObject({ status: 400, code: expect.any(String), next: expect.any(String) });
		expect(station.commands).toEqual([]);
	});

	it("never see their badge again, in an answer or in a log", async () => {
		const lines: string[] = [];
		const { station, send } = await serve(lines);
		const badge = "SV-SECRET-1234";
		const answers = [
			await send({ type: "clear-mismatch", slot: 1, reason: "wrong box", badge }),
			await send({ type: "clear-mismatch", slot: 0, reason: "wrong box", badge }),
			await send({ type: "clear-mismatch", slot: 1, reason: "wrong box", badge, [badge]: 1 }),
			await send({ type: "scan", text: badge.repeat(20) }),
			await send(`{"type":"scan","text":"${badge}"`),
		];
		station.answerWith(async () => {
			throw new Error("a bug");
		});
		answers.push(await send({ type: "scan", text: badge }));
		expect(answers.map(({ status }) => status)).toEqual([200, 400, 400, 400, 400, 500]);
		const texts = await Promise.all(answers.map((answer) => answer.text()));
		expect(lines.length).toBeGreaterThan(3);
		for (const text of [...texts, ...lines]) expect(text).not.toContain(badge);
	});

	it("are not read when they are large or no JSON", async () => {
		const { send } = await serve();
		expect((await send({ type: "scan", text: "x".repeat(20_000) })).status).toBe(413);
		const form = await fetch(`${server?.url}/api/commands`, {
			method: "POST",
			headers: { "idempotency-key": "key-number-1", "content-type": "text/plain" },
			body: "{}",
		});
		expect(form.status).toBe(415);
	});
});

describe("answers", () => {
	it("are kept as long as was said, and no longer", async () => {
		let now = 0;
		let count = 0;
		const perform = createAnsweredCommands(
			async () => ({ ok: true, text: String(++count) }),
			1000,
			() => now,
		);
		const ask = async () => (await perform("a-key-of-mine", { type: "sign-out" })).text;
		expect(await ask()).toBe("1");
		now = 999;
		expect(await ask()).toBe("1");
		now = 1000;
		expect(await ask()).toBe("2");
	});
});
