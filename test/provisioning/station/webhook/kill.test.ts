import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import type { WebhookDeliverer } from "../../../../provisioning/station/webhook/deliver.ts";
import { webhookHistory } from "../../../../provisioning/station/webhook/history.ts";
import { folderOutbox } from "../../../../provisioning/station/webhook/outbox.ts";
import { webhookPost } from "../../../../provisioning/station/webhook/post.ts";
import type { StandInErp } from "./stand-in-erp.ts";
import { openWebhookWorld, SECRETS, sampleMessage, type WebhookWorld } from "./webhook-world.ts";

const DAY = 86_400_000;

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

describe("a kill", () => {
	it("at any moment loses no message, changes none and leaves nothing behind", async () => {
		const names = ["a1", "a2", "b1", "b2"];
		const contractOf = (name: string) => `LN-${name[0]}`;
		await fc.assert(
			fc.asyncProperty(
				fc.array(fc.record({ at: fc.integer({ min: 0, max: 12 }), isDone: fc.boolean() }), { maxLength: 4 }),
				async (kills) => {
					journal.length = 0;
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
						const outbox = folderOutbox(world.folder);
						const send = webhookPost({ url: erp.url, secrets: SECRETS });
						const webhooks = await start({
							outbox: {
								...outbox,
								put: (queued) => effect(() => outbox.put(queued)),
								remove: (id) => effect(() => outbox.remove(id)),
							},
							record: (entry) => effect(() => world.record(entry)),
							post: (...sent) => effect(() => send(...sent)),
						}).catch(() => undefined);
						const known = webhookHistory(journal).queued;
						// As the station does at its start: what the journal owes is queued.
						for (const name of names)
							if (!known.has(`msg_${name}`)) await webhooks?.queue(sampleMessage(name, contractOf(name))).catch(() => {});
						await webhooks?.settled();
						if (!kill) await pass(webhooks ?? (await start()), DAY);
						await webhooks?.close();
					}
					const arrived = [...new Set(erp.requests.map(({ id }) => id))];
					expect(arrived.toSorted()).toEqual(names.map((name) => `msg_${name}`));
					for (const { id, body } of erp.requests) expect(body).toBe(sampleMessage(id.slice(4)).body);
					for (const contract of ["a", "b"])
						expect(arrived.filter((id) => id.startsWith(`msg_${contract}`))).toEqual([`msg_${contract}1`, `msg_${contract}2`]);
					expect(webhookHistory(journal).ended.size).toBe(4);
					expect([...webhookHistory(journal).ended.values()].every(({ delivered }) => delivered)).toBe(true);
					expect(await readdir(world.folder)).toEqual([]);
				},
			),
			{ numRuns: 60 },
		);
	});

	it("that cost a message's file is told, not passed over", async () => {
		await world.record({ type: "webhook-queued", id: "msg_lost", event: "unit.passed", contractId: "LN-1" });
		await world.record({ type: "webhook-queued", id: "msg_torn", event: "unit.passed", contractId: "LN-2" });
		await writeFile(join(world.folder, "msg_torn.json"), '{"id":"msg_torn","ev');
		const webhooks = await start();
		expect(webhooks.list()).toMatchObject([
			{ id: "msg_lost", state: "failed", last: "its file is lost" },
			{ id: "msg_torn", state: "failed", last: "its file is lost" },
		]);
		expect(world.ended()).toEqual([
			{ id: "msg_lost", delivered: false },
			{ id: "msg_torn", delivered: false },
		]);
		expect(await webhooks.sendAgain("msg_lost")).toBe(false);
	});
});
