import { beforeAll, describe, expect, it } from "vitest";

import { encode } from "../../../proto/codec.ts";
import { wire } from "../../../proto/wire.ts";
import type { AgentScript } from "../../../provisioning/simulation/agent-script.ts";
import { type Preview, type PreviewInput, previewTimeline } from "../../../provisioning/simulation/preview.ts";
import { DAY, EPOCH, HOUR, termsOf } from "../../agent/test-lender.ts";
import { agentScript } from "./agent-under-test.ts";

let script: AgentScript;
beforeAll(async () => {
	script = await agentScript();
});

const DUE = EPOCH + 30 * DAY;
/** Grace of three days, three notices a day apart, a day in LIMITED, three instalments thirty days apart. */
const termsBytes = encode(wire.Terms, termsOf());

function previewed(changes: Partial<PreviewInput>): Preview {
	const input = {
		termsBytes,
		paidUntilUnixSeconds: DUE,
		nowUnixSeconds: DUE - 5 * DAY,
		lastContactUnixSeconds: DUE - 5 * DAY - HOUR,
	};
	const preview = previewTimeline(script, { ...input, ...changes });
	if ("problem" in preview) throw new Error(preview.problem);
	return preview;
}

const timeOf = (preview: Preview["nobodyPays"], kind: string) =>
	preview.moments.find((moment) => moment.kind === kind)?.atUnixSeconds ?? 0;

describe("the ladder of a real contract", { timeout: 180_000 }, () => {
	it("says when it would be past due, limited and fully locked if nobody pays, with the promise behind each step", () => {
		const { standingNow, nobodyPays, assumptions } = previewed({});
		expect(standingNow).toBe("unlocked");
		expect(timeOf(nobodyPays, "grace")).toBe(DUE);
		expect(timeOf(nobodyPays, "limited")).toBeGreaterThanOrEqual(DUE + 3 * DAY);
		expect(timeOf(nobodyPays, "full") - timeOf(nobodyPays, "limited")).toBeGreaterThanOrEqual(DAY);
		expect(nobodyPays.moments.find(({ kind }) => kind === "full")).toMatchObject({ rule: "F4", causes: ["overdue"] });
		expect(nobodyPays.moments.find(({ kind }) => kind === "limited")?.ways).toEqual(
			expect.arrayContaining(["emergencyCall", "pay", "dispute"]),
		);
		expect(assumptions).toContain("staysInReach");
	});

	it("puts everything off by a period if the next instalment is paid", () => {
		const { nobodyPays, nextPaid } = previewed({});
		expect(timeOf(nextPaid, "grace")).toBe(DUE + 30 * DAY);
		expect(timeOf(nextPaid, "limited")).toBeGreaterThan(timeOf(nobodyPays, "full"));
	});

	it("begins in the middle: what was due was warned of, and what was paid later than agreed counts", () => {
		const { standingNow, nobodyPays, nextPaid } = previewed({
			nowUnixSeconds: DUE + 20 * DAY,
			lastContactUnixSeconds: DUE + 20 * DAY,
		});
		expect(standingNow).toBe("full");
		expect(nobodyPays.moments.some(({ kind }) => kind === "limited")).toBe(false);
		expect(nextPaid.moments.find(({ kind }) => kind === "unlocked")?.atUnixSeconds).toBe(DUE + 20 * DAY);
		const later = previewed({
			paidUntilUnixSeconds: DUE + 30 * DAY,
			nowUnixSeconds: DUE + 20 * DAY,
			lastContactUnixSeconds: DUE + 20 * DAY,
		});
		expect(later.standingNow).toBe("unlocked");
		expect(timeOf(later.nobodyPays, "grace")).toBe(DUE + 30 * DAY);
	});

	it("waits for a hold", () => {
		const untilUnixSeconds = DUE + 10 * DAY;
		const input = { nowUnixSeconds: DUE + DAY, lastContactUnixSeconds: DUE + DAY };
		const { nobodyPays } = previewed({ ...input, holds: [{ kind: "promiseToPay", untilUnixSeconds }] });
		expect(timeOf(nobodyPays, "limited")).toBeGreaterThanOrEqual(untilUnixSeconds);
	});

	it("takes a phone that was not heard of for days to be out of reach, and says so", () => {
		const { nobodyPays, nextPaid, assumptions } = previewed({ lastContactUnixSeconds: DUE - 10 * DAY });
		expect(assumptions).toContain("staysOutOfReach");
		expect(nobodyPays.moments.some(({ kind, detail }) => kind === "noticeOnScreen" && detail === "offlineWarning")).toBe(true);
		// The payment does not reach it: a code would.
		expect(nextPaid.moments.find(({ kind }) => kind === "limited")).toMatchObject({ causes: ["offline"], rule: "F5" });
	});

	it("says what the agent would not take", () => {
		const input = { paidUntilUnixSeconds: DUE, nowUnixSeconds: DUE, lastContactUnixSeconds: DUE };
		expect(previewTimeline(script, { ...input, termsBytes: new Uint8Array() })).toHaveProperty("problem");
	});
});
