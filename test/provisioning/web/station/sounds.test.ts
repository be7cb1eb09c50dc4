import { describe, expect, it } from "vitest";

import { TONES } from "../../../../provisioning/web/station/sounds.ts";

describe("signals", () => {
	it("sound different from each other: one high, two low, three low, one long low", () => {
		const { ok, operator, device, station } = TONES;
		expect([ok.length, operator.length, device.length, station.length]).toEqual([1, 2, 3, 1]);
		const high = ok[0]?.hertz ?? 0;
		for (const { hertz } of [...operator, ...device, ...station]) expect(hertz).toBeLessThan(high / 3);
		expect(station[0]?.lengthMs ?? 0).toBeGreaterThan(4 * (operator[0]?.lengthMs ?? 0));
	});

	it("have pauses between their tones", () => {
		for (const tones of Object.values(TONES)) {
			for (const [index, tone] of tones.entries()) {
				const next = tones[index + 1];
				if (next) expect(next.startMs).toBeGreaterThan(tone.startMs + tone.lengthMs);
			}
		}
	});
});
