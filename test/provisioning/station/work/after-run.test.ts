import { expect, test } from "vitest";

import type { Unit } from "../../../../provisioning/station/unit.ts";
import { createAfterRun } from "../../../../provisioning/station/work/after-run.ts";

const UNIT = { contractId: "C-1", imeis: [] } as unknown as Unit; // nothing of it is looked at here

/** A printer that prints when it is let to. */
function slowLabels() {
	const printed: string[] = [];
	const waiting: (() => void)[] = [];
	return {
		printed,
		letGo: () => {
			for (const go of waiting.splice(0)) go();
		},
		labels: {
			async printFirst({ contractId }: Unit) {
				await new Promise<void>((resolve) => waiting.push(resolve));
				printed.push(contractId);
				return undefined;
			},
			reprint: async () => ({ ok: true as const, text: "" }),
		},
	};
}

test("a station that is closed when its last phone has passed still prints that phone's label", async () => {
	const { labels, printed, letGo } = slowLabels();
	const after = createAfterRun({ labels, operator: () => "op" });
	void after.ended(UNIT, { verdict: "pass" }, 1);
	const closed = after.close();
	letGo();
	await closed;
	expect(printed).toEqual(["C-1"]);
});

test("a phone that did not pass has no label, and nobody waits for one", async () => {
	const { labels, printed } = slowLabels();
	const after = createAfterRun({ labels, operator: () => "op" });
	await after.ended(UNIT, { verdict: "fail" }, 1);
	await after.close();
	expect(printed).toEqual([]);
});

test("a printer's bug is told to whoever asked, and does not keep a station open", async () => {
	const { labels } = slowLabels();
	const broken = { ...labels, printFirst: () => Promise.reject(new TypeError("a bug")) };
	const after = createAfterRun({ labels: broken, operator: () => "op" });
	const ended = after.ended(UNIT, { verdict: "pass" }, 1);
	await after.close();
	await expect(ended).rejects.toThrow("a bug");
});
