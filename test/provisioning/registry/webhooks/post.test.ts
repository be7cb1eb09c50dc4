import { type AddressInfo, createServer as createTcp } from "node:net";

import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { type PostPorts, post } from "../../../../provisioning/registry/webhooks/post.ts";
import { openReceiver, type Receiver } from "./receiver.ts";

let receiver: Receiver;
beforeAll(async () => {
	receiver = await openReceiver();
});
afterAll(() => receiver.close());

const NEVER = new AbortController().signal;
const body = '{"type":"webhook.test","timestamp":"","sequence":1,"data":{}}';
const send = (url: string, ports: Partial<PostPorts> = {}) =>
	post({ url, body, headers: { "webhook-id": "evt_x" } }, { allowLoopback: true, deadlineMs: 3000, ...ports }, NEVER);
const strict = (url: string, ...addresses: string[]) =>
	send(url, {
		allowLoopback: false,
		resolve: async () => addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 })),
	});

describe("an address that is not on the Internet", () => {
	const REFUSED = { why: "the name leads to an address that is not on the Internet" };

	test("gets nothing, whatever name stands for it", async () => {
		const { port } = new URL(receiver.url);
		for (const address of ["127.0.0.1", "::1", "10.0.0.5", "169.254.169.254", "::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe"])
			expect(await strict(`https://hooks.example:${port}/`, address)).toEqual(REFUSED);
		// One public address beside it does not help.
		expect(await strict(`https://hooks.example:${port}/`, "8.8.8.8", "127.0.0.1")).toEqual(REFUSED);
		expect(await strict(`https://hooks.example:${port}/`)).toEqual(REFUSED);
		expect(receiver.received).toHaveLength(0);
	});

	test("gets nothing when it is written in a way that only some programs read as an address", async () => {
		const { port } = new URL(receiver.url);
		for (const host of ["127.0.0.1", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "[::1]", "[::ffff:7f00:1]", "localhost"])
			expect(await send(`https://${host}:${port}/`, { allowLoopback: false })).toEqual(REFUSED);
		expect(receiver.received).toHaveLength(0);
	});

	test("gets nothing by a name that changes between the look and the connection", async () => {
		// The name server tells another address each time. The connection goes to the one that was looked at: nobody asks again.
		let asked = 0;
		const { port } = new URL(receiver.url);
		const resolve = async () => [{ address: asked++ === 0 ? "127.0.0.1" : "127.0.0.2", family: 4 }];
		expect([(await send(`http://localhost:${port}/`, { resolve })).status, asked]).toEqual([204, 1]);
		expect(receiver.received.splice(0)).toHaveLength(1);
	});

	test("gets no plain http, not even where this machine is allowed", async () => {
		const { port } = new URL(receiver.url);
		const named = (address: string) => send(`http://localhost:${port}/`, { resolve: async () => [{ address, family: 4 }] });
		expect(await named("8.8.8.8")).toEqual({ why: "http is for this machine alone" });
		expect(await send(`http://10.0.0.1:${port}/`)).toEqual({ why: "The endpoint's address is not https." });
	});
});

describe("an endpoint that answers badly", () => {
	test("does not send us elsewhere", async () => {
		const other = await openReceiver();
		receiver.answer = () => (response) => response.writeHead(307, { location: other.url }).end("moved");
		expect(await send(receiver.url)).toEqual({ status: 307, answer: "moved" });
		expect(other.received).toHaveLength(0);
		await other.close();
	});

	test("has the beginning of its answer kept, without what a terminal or a page would obey", async () => {
		receiver.answer = () => (response) => response.writeHead(400).end(`\u001b[31m<script>\u0000\r\n${"x".repeat(5000)}`);
		const { status, answer = "" } = await send(receiver.url);
		expect(status).toBe(400);
		expect(answer).toMatch(/^\[31m<script> x+$/);
		expect(answer.length).toBe(200);
	});

	test("does not hold us by an answer that never ends", async () => {
		receiver.answer = () => (response) => {
			response.writeHead(200);
			const more = () => response.write("x".repeat(64 * 1024), () => setImmediate(more));
			more();
			response.on("error", () => {});
		};
		expect((await send(receiver.url)).status).toBe(200);
	});

	test("does not hold us by silence, before or after its headers", async () => {
		receiver.answer = () => () => {};
		expect(await send(receiver.url, { deadlineMs: 200 })).toEqual({ why: "no answer in time" });
		receiver.answer = () => (response) => void response.writeHead(200).write("x");
		expect(await send(receiver.url, { deadlineMs: 200 })).toEqual({ why: "no answer in time" });
		expect(await send("https://slow.example/", { deadlineMs: 200, resolve: () => new Promise(() => {}) })).toEqual({
			why: "no answer in time",
		});
	});

	test("does not fill our memory with headers, and its garbage is no answer", async () => {
		receiver.answer = () => (response) => response.writeHead(200, { "x-long": "y".repeat(20_000) }).end();
		expect((await send(receiver.url)).status).toBeUndefined();
		const garbage = createTcp((socket) => socket.on("error", () => {}).end("SSH-2.0-OpenSSH_9\r\n"));
		await new Promise<void>((resolve) => garbage.listen(0, "127.0.0.1", resolve));
		const { port } = garbage.address() as AddressInfo; // it listens on TCP
		expect((await send(`http://127.0.0.1:${port}/`)).status).toBeUndefined();
		// TLS against something that speaks none.
		expect((await send(`https://127.0.0.1:${port}/`)).status).toBeUndefined();
		garbage.close();
	});

	test("says how long to wait, in seconds or as a date by its own clock", async () => {
		const asks = (headers: Record<string, string>) => {
			receiver.answer = () => (response) => response.writeHead(429, headers).end();
			return send(receiver.url);
		};
		expect(await asks({ "retry-after": "120" })).toMatchObject({ retryAfterSeconds: 120 });
		const dates = { date: "Sun, 22 Nov 2026 08:00:00 GMT", "retry-after": "Sun, 22 Nov 2026 08:01:30 GMT" };
		expect(await asks(dates)).toMatchObject({ retryAfterSeconds: 90 });
		expect(await asks({ "retry-after": "soon" })).toEqual({ status: 429 });
	});
});
