import { describe, expect, it } from "vitest";

import type { StationCommand } from "../../../../provisioning/station/command.ts";
import { createCommander, type Send, UNREACHABLE } from "../../../../provisioning/web/station/commander.ts";

interface Sent {
	readonly key: string;
	readonly body: string;
}

function commander(answer: (attempt: number) => Promise<{ status: number; json: () => Promise<unknown> }>) {
	const sent: Sent[] = [];
	const clock = { nowMs: 0 };
	let keys = 0;
	const send: Send = (key, body) => {
		sent.push({ key, body });
		return answer(sent.length);
	};
	const perform = createCommander({ send, newKey: () => `key-${++keys}`, nowMs: () => clock.nowMs, pause: async () => {} });
	return { perform, sent, clock };
}

const ok = async () => ({ status: 200, json: async () => ({ ok: true, text: "Done." }) });
const RETRY: StationCommand = { type: "retry", slots: [3], count: 1 };

describe("commands of the page", () => {
	it("are sent once for a double click, and again when meant again", async () => {
		const { perform, sent, clock } = commander(ok);
		const both = [perform(RETRY), perform(RETRY)];
		expect(await Promise.all(both)).toEqual([
			{ ok: true, text: "Done." },
			{ ok: true, text: "Done." },
		]);
		await perform(RETRY);
		expect(sent.length).toBe(1);
		clock.nowMs = 1_000;
		await perform(RETRY);
		expect(sent.map(({ key }) => key)).toEqual(["key-1", "key-2"]);
	});

	it("are told apart by what they ask", async () => {
		const { perform, sent } = commander(ok);
		await Promise.all([perform(RETRY), perform({ type: "retry", slots: [4], count: 1 })]);
		expect(new Set(sent.map(({ key }) => key)).size).toBe(2);
	});

	it("are sent again with the same key when the answer was lost", async () => {
		const { perform, sent } = commander(async (attempt) => {
			if (attempt < 3) throw new TypeError("connection reset");
			return ok();
		});
		expect(await perform(RETRY)).toEqual({ ok: true, text: "Done." });
		expect(sent.map(({ key }) => key)).toEqual(["key-1", "key-1", "key-1"]);
	});

	it("say so when no answer comes at all", async () => {
		const { perform } = commander(async () => {
			throw new TypeError("connection refused");
		});
		expect(await perform(RETRY)).toMatchObject({ ok: false, code: UNREACHABLE });
	});

	it("give a problem's own words", async () => {
		const { perform } = commander(async () => ({
			status: 401,
			json: async () => ({ code: "ENTRY_REQUIRED", detail: "Not let in.", next: "Open the address." }),
		}));
		expect(await perform(RETRY)).toEqual({ ok: false, code: "ENTRY_REQUIRED", text: "Not let in.", remedy: "Open the address." });
	});
});
