import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import type { JournalEntry, JournalLine } from "../../../../provisioning/station/journal/entry.ts";
import { openWebhooks, type WebhookDeliverer } from "../../../../provisioning/station/webhook/deliver.ts";
import { webhookHistory } from "../../../../provisioning/station/webhook/history.ts";
import { folderOutbox, type WebhookMessage } from "../../../../provisioning/station/webhook/outbox.ts";
import { type WebhookPost, webhookPost } from "../../../../provisioning/station/webhook/post.ts";
import { freePort } from "../../../lab/free-port.ts";
import { openStandInErp, type StandInErp } from "./stand-in-erp.ts";
import { type VirtualTime, virtualTime } from "./virtual-time.ts";

const [SECOND, MINUTE, HOUR, DAY] = [1000, 60_000, 3_600_000, 86_400_000];
const SECRETS = [new Uint8Array(32).fill(7)];

let folder: string;
let journal: JournalLine[];
let time: VirtualTime;
let erp: StandInErp;
let opened: WebhookDeliverer[];

beforeEach(async () => {
	folder = await mkdtemp(join(tmpdir(), "outbox-"));
	journal = [];
	time = virtualTime(Date.UTC(2026, 10, 21));
	erp = await openStandInErp();
	opened = [];
});
afterEach(async () => {
	for (const deliverer of opened) await deliverer.close();
	await erp.close();
	await rm(folder, { recursive: true, force: true });
});

async function record(entry: JournalEntry): Promise<void> {
	const n = journal.length + 1;
	journal.push({ ...entry, n, at: time.nowMs(), previous: "", hash: "" });
}

/** Starts as the station does: from its journal and its outbox. */
async function start(how: Partial<Parameters<typeof openWebhooks>[1]> = {}): Promise<WebhookDeliverer> {
	const post = webhookPost({ url: erp.url, secrets: SECRETS, deadlineMs: 5000 });
	const ports = { outbox: folderOutbox(folder), record, post, clock: time, random: () => 0.5, ...how };
	const deliverer = await openWebhooks(webhookHistory(journal), ports);
	opened.push(deliverer);
	return deliverer;
}

const message = (name: string, contractId?: string): WebhookMessage => ({
	id: `msg_${name}`,
	event: "unit.passed",
	body: JSON.stringify({ name, text: "é ✓" }),
	...(contractId === undefined ? {} : { contractId }),
});
const ended = () =>
	journal.flatMap((line) => (line.type === "webhook-ended" ? [{ id: line.id, delivered: line.delivered }] : []));
const pass = (deliverer: WebhookDeliverer, milliseconds: number) => time.pass(milliseconds, () => deliverer.settled());

describe("a message to the ERP", () => {
	it("is on disk and in the journal before it is sent, and gone from the disk once it is taken", async () => {
		erp.answer = () => {
			expect(journal).toMatchObject([{ type: "webhook-queued", id: "msg_a", event: "unit.passed", contractId: "LN-1" }]);
			return 200;
		};
		const webhooks = await start();
		await webhooks.queue(message("a", "LN-1"));
		await webhooks.settled();
		expect(erp.requests).toMatchObject([{ id: "msg_a", path: "/hook", body: message("a").body }]);
		expect(erp.requests[0]?.headers["content-type"]).toContain("application/json");
		expect(journal.at(-1)).toMatchObject({ type: "webhook-ended", id: "msg_a", delivered: true, attempts: 1 });
		expect(webhooks.list()).toEqual([]);
		expect(await readdir(folder)).toEqual([]);
	});

	it("is queued once, however often it is asked for", async () => {
		const webhooks = await start();
		await Promise.all([webhooks.queue(message("a")), webhooks.queue(message("a"))]);
		await webhooks.settled();
		await webhooks.queue(message("a"));
		await (await start()).queue(message("a"));
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
		for (const name of names) await webhooks.queue(message(name, `LN-${name}`));
		await pass(webhooks, HOUR);
		expect(attempts).toBeLessThan(20);
		expect(webhooks.list()).toHaveLength(20);
		expect(webhooks.list().some(({ last = "" }) => last.includes("ECONNREFUSED"))).toBe(true);
		isUp = true;
		await pass(webhooks, 18 * MINUTE);
		expect([...erp.taken].sort()).toEqual(names.map((name) => `msg_${name}`).sort());
		expect(ended().every(({ delivered }) => delivered)).toBe(true);
	});

	it("that the ERP refuses is tried from seconds to hours apart, given up after three days, listed, and can be sent again", async () => {
		erp.answer = () => 500;
		const triedAt: number[] = [];
		const post: WebhookPost = (sent, sentAtMs, signal) => {
			triedAt.push(sentAtMs);
			return webhookPost({ url: erp.url, secrets: SECRETS })(sent, sentAtMs, signal);
		};
		const webhooks = await start({ post });
		await webhooks.queue(message("a", "LN-1"));
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
		expect(erp.requests.at(-1)?.body).toBe(message("a").body);
		expect(later.list()).toEqual([]);
	});

	it("that is refused does not keep those of other contracts back, and goes before later ones of its own", async () => {
		erp.answer = ({ id }) => (id === "msg_a1" ? 422 : 200);
		const webhooks = await start();
		await webhooks.queue(message("a1", "LN-A"));
		await webhooks.queue(message("a2", "LN-A"));
		await webhooks.queue(message("b1", "LN-B"));
		await webhooks.queue(message("closed"));
		await pass(webhooks, 2 * MINUTE);
		expect([...erp.taken].sort()).toEqual(["msg_b1", "msg_closed"]);
		expect(erp.requests.map(({ id }) => id)).not.toContain("msg_a2");
		erp.answer = () => 200;
		await pass(webhooks, 10 * MINUTE);
		expect(erp.taken.slice(2)).toEqual(["msg_a1", "msg_a2"]);
	});

	it.each([429, 503])("waits as long as the ERP asks for with %i, in seconds or as a date", async (status) => {
		const date = new Date(time.nowMs() + 2 * HOUR).toUTCString();
		erp.answer = (_request, count) => {
			if (count > 2) return 200;
			return { status, headers: { "retry-after": count === 1 ? "1800" : date } };
		};
		const webhooks = await start();
		await webhooks.queue(message("a"));
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
		await webhooks.queue(message("a"));
		await pass(webhooks, 7 * HOUR);
		expect(erp.taken).toEqual(["msg_a"]);
	});

	it("does not follow a redirect", async () => {
		const elsewhere = await openStandInErp();
		erp.answer = () => ({ status: 307, headers: { location: elsewhere.url } });
		const webhooks = await start();
		await webhooks.queue(message("a"));
		await pass(webhooks, MINUTE);
		expect(elsewhere.requests).toEqual([]);
		expect(webhooks.list()).toMatchObject([{ state: "waiting", last: "HTTP status 307" }]);
		await elsewhere.close();
	});

	it("stops when the ERP says that the address is gone, until somebody resumes", async () => {
		erp.answer = () => 410;
		const webhooks = await start();
		await webhooks.queue(message("a"));
		await webhooks.queue(message("b"));
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
		await webhooks.queue(message("a"));
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
		await webhooks.queue(message("a"));
		await webhooks.settled();
		expect(ended()).toEqual([{ id: "msg_a", delivered: true }]);
	});

	it("stays when the journal cannot be written, and nothing spins", async () => {
		let [isFull, tries] = [false, 0];
		const webhooks = await start({
			record: async (entry) => {
				tries += 1;
				if (isFull) throw new Error("disk full");
				await record(entry);
			},
		});
		erp.answer = () => {
			isFull = true;
			return 200;
		};
		await webhooks.queue(message("a"));
		await pass(webhooks, 4 * DAY);
		expect(webhooks.list()).toMatchObject([{ id: "msg_a", state: "waiting", last: "not recorded: disk full" }]);
		expect(tries).toBeLessThan(1000);
	});
});

describe("a kill", () => {
	it("at any moment loses no message, changes none and leaves nothing behind", async () => {
		const names = ["a1", "a2", "b1", "b2"];
		const contractOf = (name: string) => `LN-${name[0]}`;
		await fc.assert(
			fc.asyncProperty(
				fc.array(fc.record({ at: fc.integer({ min: 0, max: 12 }), isDone: fc.boolean() }), { maxLength: 4 }),
				async (kills) => {
					journal = [];
					erp.requests.length = 0;
					for (const kill of [...kills, undefined]) {
						let [effects, isDead] = [0, false];
						/** Does something that outlives the program, unless the kill came before it, or right after it. */
						const effect = async <T>(work: () => Promise<T>): Promise<T> => {
							if (isDead) throw new Error("killed");
							effects += 1;
							if (kill && effects > kill.at) {
								isDead = true;
								if (kill.isDone) await work();
								throw new Error("killed");
							}
							return await work();
						};
						const outbox = folderOutbox(folder);
						const send = webhookPost({ url: erp.url, secrets: SECRETS });
						const webhooks = await start({
							outbox: {
								...outbox,
								put: (queued) => effect(() => outbox.put(queued)),
								remove: (id) => effect(() => outbox.remove(id)),
							},
							record: (entry) => effect(() => record(entry)),
							post: (...sent) => effect(() => send(...sent)),
						}).catch(() => undefined);
						const known = webhookHistory(journal).queued;
						// As the station does at its start: what the journal owes is queued.
						for (const name of names)
							if (!known.has(`msg_${name}`)) await webhooks?.queue(message(name, contractOf(name))).catch(() => {});
						await webhooks?.settled();
						if (!kill) await pass(webhooks ?? (await start()), DAY);
						await webhooks?.close();
					}
					const arrived = [...new Set(erp.requests.map(({ id }) => id))];
					expect(arrived.toSorted()).toEqual(names.map((name) => `msg_${name}`));
					for (const { id, body } of erp.requests) expect(body).toBe(message(id.slice(4)).body);
					for (const contract of ["a", "b"])
						expect(arrived.filter((id) => id.startsWith(`msg_${contract}`))).toEqual([`msg_${contract}1`, `msg_${contract}2`]);
					expect(webhookHistory(journal).ended.size).toBe(4);
					expect([...webhookHistory(journal).ended.values()].every(({ delivered }) => delivered)).toBe(true);
					expect(await readdir(folder)).toEqual([]);
				},
			),
			{ numRuns: 60 },
		);
	});

	it("that cost a message's file is told, not passed over", async () => {
		await record({ type: "webhook-queued", id: "msg_lost", event: "unit.passed", contractId: "LN-1" });
		await record({ type: "webhook-queued", id: "msg_torn", event: "unit.passed", contractId: "LN-2" });
		await writeFile(join(folder, "msg_torn.json"), '{"id":"msg_torn","ev');
		const webhooks = await start();
		expect(webhooks.list()).toMatchObject([
			{ id: "msg_lost", state: "failed", last: "its file is lost" },
			{ id: "msg_torn", state: "failed", last: "its file is lost" },
		]);
		expect(ended()).toEqual([
			{ id: "msg_lost", delivered: false },
			{ id: "msg_torn", delivered: false },
		]);
		expect(await webhooks.sendAgain("msg_lost")).toBe(false);
	});
});
