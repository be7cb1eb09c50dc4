import { readdir } from "node:fs/promises";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import type { WebhookDeliverer } from "../../../../provisioning/station/webhook/deliver.ts";
import { type WebhookPost, webhookPost } from "../../../../provisioning/station/webhook/post.ts";
import { freePort } from "../../../lab/free-port.ts";
import { openStandInErp, type StandInErp } from "./stand-in-erp.ts";
import { openWebhookWorld, SECRETS, sampleMessage, type WebhookWorld } from "./webhook-world.ts";

const [SECOND, MINUTE, HOUR, DAY] = [1000, 60_000, 3_600_000, 86_400_000];

let world: WebhookWorld;
let erp: StandInErp;
let journal: WebhookWorld["journal"];
beforeEach(async () => {
	world = await openWebhookWorld();
	({ erp, journal } = world);
});
afterEach(() => world.close());

const start: WebhookWorld["start"] = (how) => world.start(how);
const pass = (deliverer: WebhookDeliverer, milliseconds: number) => world.time.pass(milliseconds, () => deliverer.settled());

describe("a message to the ERP", () => {
	it("is on disk and in the journal before it is sent, and gone from the disk once it is taken", async () => {
		erp.answer = () => {
			expect(journal).toMatchObject([{ type: "webhook-queued", id: "msg_a", event: "unit.passed", contractId: "LN-1" }]);
			return 200;
		};
		const webhooks = await start();
		await webhooks.queue(sampleMessage("a", "LN-1"));
		await webhooks.settled();
		expect(erp.requests).toMatchObject([{ id: "msg_a", path: "/hook", body: sampleMessage("a").body }]);
		expect(erp.requests[0]?.headers["content-type"]).toContain("application/json");
		expect(journal.at(-1)).toMatchObject({ type: "webhook-ended", id: "msg_a", delivered: true, attempts: 1 });
		expect(webhooks.list()).toEqual([]);
		expect(await readdir(world.folder)).toEqual([]);
	});

	it("is queued once, however often it is asked for", async () => {
		const webhooks = await start();
		await Promise.all([webhooks.queue(sampleMessage("a")), webhooks.queue(sampleMessage("a"))]);
		await webhooks.settled();
		await webhooks.queue(sampleMessage("a"));
		await (await start()).queue(sampleMessage("a"));
		expect(erp.taken).toEqual(["msg_a"]);
	});

	it("arrives after the ERP was down for an hour, with few attempts and within a quarter of an hour", async () => {
		const port = await freePort();
		const down = webhookPost({ url: `http://127.0.0.1:${port}/`, secrets: SECRETS });
		const up = webhookPost({ url: erp.url, secrets: SECRETS });
		let [isUp, attempts] = [false, 0];
		const post: WebhookPost = (...sent) => {
			attempts += 1;
			return (isUp ? up : down)(...sent);
		};
		const webhooks = await start({ post });
		const names = Array.from({ length: 20 }, (_, index) => String(index));
		for (const name of names) await webhooks.queue(sampleMessage(name, `LN-${name}`));
		await pass(webhooks, HOUR);
		expect(attempts).toBeLessThan(20);
		expect(webhooks.list()).toHaveLength(20);
		expect(webhooks.list().some(({ last = "" }) => last.includes("ECONNREFUSED"))).toBe(true);
		isUp = true;
		await pass(webhooks, 18 * MINUTE);
		expect([...erp.taken].sort()).toEqual(names.map((name) => `msg_${name}`).sort());
		expect(world.ended().every(({ delivered }) => delivered)).toBe(true);
	});

	it("that the ERP refuses is tried from seconds to hours apart, given up after three days, listed, and can be sent again", async () => {
		erp.answer = () => 500;
		const triedAt: number[] = [];
		const post: WebhookPost = (sent, sentAtMs, signal) => {
			triedAt.push(sentAtMs);
			return webhookPost({ url: erp.url, secrets: SECRETS })(sent, sentAtMs, signal);
		};
		const webhooks = await start({ post });
		await webhooks.queue(sampleMessage("a", "LN-1"));
		await pass(webhooks, 4 * DAY);
		const pauses = triedAt.slice(1).map((atMs, index) => atMs - (triedAt[index] ?? 0));
		expect(pauses[0]).toBe(5 * SECOND);
		expect(Math.max(...pauses)).toBeLessThanOrEqual(4 * HOUR);
		expect(pauses).toEqual([...pauses].sort((a, b) => a - b));
		expect(triedAt.length).toBeLessThan(40);
		expect(journal.at(-1)).toMatchObject({ type: "webhook-ended", id: "msg_a", delivered: false, attempts: triedAt.length });
		expect((journal.at(-1)?.at ?? 0) - (journal[0]?.at ?? 0)).toBe(3 * DAY);
		expect(webhooks.list()).toMatchObject([
			{ id: "msg_a", state: "failed", last: "HTTP status 500", fault: { code: "WEBHOOK_UNDELIVERED" } },
		]);

		const later = await start({ post });
		expect(later.list()).toMatchObject([{ id: "msg_a", state: "failed" }]);
		const before = triedAt.length;
		await pass(later, DAY);
		expect(triedAt).toHaveLength(before);
		erp.answer = () => 204;
		expect(await later.sendAgain("msg_a")).toBe(true);
		expect(await later.sendAgain("msg_other")).toBe(false);
		await later.settled();
		expect(erp.taken).toEqual(["msg_a"]);
		expect(erp.requests.at(-1)?.body).toBe(sampleMessage("a").body);
		expect(later.list()).toEqual([]);
	});

	it("that is refused does not keep those of other contracts back, and goes before later ones of its own", async () => {
		erp.answer = ({ id }) => (id === "msg_a1" ? 422 : 200);
		const webhooks = await start();
		await webhooks.queue(sampleMessage("a1", "LN-A"));
		await webhooks.queue(sampleMessage("a2", "LN-A"));
		await webhooks.queue(sampleMessage("b1", "LN-B"));
		await webhooks.queue(sampleMessage("closed"));
		await pass(webhooks, 2 * MINUTE);
		expect([...erp.taken].sort()).toEqual(["msg_b1", "msg_closed"]);
		expect(erp.requests.map(({ id }) => id)).not.toContain("msg_a2");
		erp.answer = () => 200;
		await pass(webhooks, 10 * MINUTE);
		expect(erp.taken.slice(2)).toEqual(["msg_a1", "msg_a2"]);
	});

	it.each([429, 503])("waits as long as the ERP asks for with %i, in seconds or as a date", async (status) => {
		const date = new Date(world.time.nowMs() + 2 * HOUR).toUTCString();
		erp.answer = (_request, count) => {
			if (count > 2) return 200;
			return { status, headers: { "retry-after": count === 1 ? "1800" : date } };
		};
		const webhooks = await start();
		await webhooks.queue(sampleMessage("a"));
		await pass(webhooks, 29 * MINUTE);
		expect(erp.requests).toHaveLength(1);
		await pass(webhooks, 2 * MINUTE);
		expect(erp.requests).toHaveLength(2);
		await pass(webhooks, 88 * MINUTE);
		expect(erp.requests).toHaveLength(2);
		await pass(webhooks, 2 * MINUTE);
		expect(erp.taken).toEqual(["msg_a"]);
	});

	it("does not wait for ever because the ERP asks for it", async () => {
		erp.answer = (_request, count) => (count > 1 ? 200 : { status: 503, headers: { "retry-after": "999999999" } });
		const webhooks = await start();
		await webhooks.queue(sampleMessage("a"));
		await pass(webhooks, 7 * HOUR);
		expect(erp.taken).toEqual(["msg_a"]);
	});

	it("does not follow a redirect", async () => {
		const elsewhere = await openStandInErp();
		erp.answer = () => ({ status: 307, headers: { location: elsewhere.url } });
		const webhooks = await start();
		await webhooks.queue(sampleMessage("a"));
		await pass(webhooks, MINUTE);
		expect(elsewhere.requests).toEqual([]);
		expect(webhooks.list()).toMatchObject([{ state: "waiting", last: "HTTP status 307" }]);
		await elsewhere.close();
	});

	it("stops when the ERP says that the address is gone, until somebody resumes", async () => {
		erp.answer = () => 410;
		const webhooks = await start();
		await webhooks.queue(sampleMessage("a"));
		await webhooks.queue(sampleMessage("b"));
		await pass(webhooks, DAY);
		expect(webhooks.stopped).toBe(true);
		expect(erp.requests.length).toBeLessThanOrEqual(2);
		erp.answer = () => 200;
		webhooks.resume();
		await webhooks.settled();
		expect([...erp.taken].sort()).toEqual(["msg_a", "msg_b"]);
		expect(webhooks.stopped).toBe(false);
	});

	it("is sent again when the ERP is too slow to answer", async () => {
		erp.answer = (_request, count) => (count === 1 ? () => {} : 200);
		const webhooks = await start({ post: webhookPost({ url: erp.url, secrets: SECRETS, deadlineMs: 100 }) });
		await webhooks.queue(sampleMessage("a"));
		await webhooks.settled();
		expect(webhooks.list()).toMatchObject([{ last: "no answer in time" }]);
		await pass(webhooks, 10 * SECOND);
		expect(erp.requests.length).toBeGreaterThan(1);
	});

	it("is taken by the status alone, whatever body follows it", async () => {
		erp.answer = () => (response) => {
			response.writeHead(200);
			response.write("x".repeat(100_000)); // and never ends
		};
		const webhooks = await start();
		await webhooks.queue(sampleMessage("a"));
		await webhooks.settled();
		expect(world.ended()).toEqual([{ id: "msg_a", delivered: true }]);
	});

	it("stays when the journal cannot be written, and nothing spins", async () => {
		let [isFull, tries] = [false, 0];
		const webhooks = await start({
			record: async (entry) => {
				tries += 1;
				if (isFull) throw new Error("disk full");
				await world.record(entry);
			},
		});
		erp.answer = () => {
			isFull = true;
			return 200;
		};
		await webhooks.queue(sampleMessage("a"));
		await pass(webhooks, 4 * DAY);
		expect(webhooks.list()).toMatchObject([{ id: "msg_a", state: "waiting", last: "not recorded: disk full" }]);
		expect(tries).toBeLessThan(1000);
	});
});
