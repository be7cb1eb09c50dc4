import { expect, it } from "vitest";

import { webhookPost } from "../../../../provisioning/station/webhook/post.ts";
import type { BatchLog } from "../../../../provisioning/station/work/batch-log.ts";
import { openErpDesk } from "../../../../provisioning/station/work/erp-desk.ts";
import { openWebhookWorld, SECRETS, sampleMessage } from "../webhook/webhook-world.ts";
import { nothingAfter, openQuietStation } from "./quiet-station.ts";
import { sampleBatch } from "./sample-batch.ts";

const MINUTE = 60_000;
const FOUR_DAYS = 4 * 24 * 60 * MINUTE;

/** A message that the ERP refused for longer than a station tries. */
async function givenUp() {
	const world = await openWebhookWorld();
	world.erp.answer = () => 500;
	const before = await world.start();
	await before.queue(sampleMessage("a"));
	await world.time.pass(FOUR_DAYS, () => before.settled());
	expect(before.list()).toMatchObject([{ state: "failed" }]);
	await before.close();
	const log = { state: sampleBatch(), down: undefined, intend: world.record, tell: world.record, close() {} } satisfies BatchLog;
	const desk = await openErpDesk({
		...{ log, lines: world.journal, units: [], folder: world.folder, clock: world.time, random: () => 0.5 },
		post: webhookPost({ url: world.erp.url, secrets: SECRETS, deadlineMs: 5000 }),
		onBug(error) {
			throw error;
		},
	});
	return { world, desk };
}

it("sends what was given up once more when it is asked to, and it is the same message", async () => {
	const { world, desk } = await givenUp();
	expect(desk.figures()).toEqual({ waiting: 0, failed: 1, stopped: false });
	world.erp.answer = () => 204;
	expect(await desk.sendAgain()).toBe(1);
	await expect.poll(() => desk.figures()).toEqual({ waiting: 0, failed: 0, stopped: false });
	expect(world.erp.taken).toEqual(["msg_a"]);
	expect(new Set(world.erp.requests.map(({ body }) => body)).size).toBe(1);
	expect(world.ended().at(-1)).toEqual({ id: "msg_a", delivered: true });
	expect(await desk.sendAgain()).toBe(0);
	await desk.close();
	await world.close();
});

it("says that it stopped when the ERP is gone, and goes on when it is asked to", async () => {
	const { world, desk } = await givenUp();
	world.erp.answer = () => 410;
	await desk.sendAgain();
	await expect.poll(() => desk.figures()).toEqual({ waiting: 1, failed: 0, stopped: true });
	world.erp.answer = () => 204;
	expect(await desk.sendAgain()).toBe(0);
	await expect.poll(() => desk.figures()).toEqual({ waiting: 0, failed: 0, stopped: false });
	await desk.close();
	await world.close();
});

it("is asked to by whoever is signed in, and by nobody else", async () => {
	let asked = 0;
	const { station } = await openQuietStation({
		openAfter: async () => ({ ...nothingAfter, resendWebhooks: async () => ++asked }),
		findBadge: async (code) => (code === "BADGE-1" ? { name: "Ana", role: "operator" } : undefined),
	});
	expect(await station.perform({ type: "resend-webhooks" })).toMatchObject({ ok: false, code: "NOT_SIGNED_IN" });
	await station.perform({ type: "scan", text: "BADGE-1" });
	expect(await station.perform({ type: "resend-webhooks" })).toMatchObject({ ok: true });
	expect(asked).toBe(1);
	await station.close();
});
