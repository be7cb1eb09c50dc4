import { describe, expect, it } from "vitest";

import { changeBetween } from "../../../../provisioning/station/view-change.ts";
import {
	hearBeat,
	hearChange,
	hearView,
	loseLink,
	NOTHING_HEARD,
	notice,
	SILENCE_MS,
	stationNowMs,
} from "../../../../provisioning/web/station/page-state.ts";
import { viewOf } from "../../station/server/fake-station.ts";

const view = viewOf(4);

describe("what the page knows", () => {
	it("follows changes, and asks anew when one does not fit", () => {
		const next = { ...view, revision: 2, nowMs: view.nowMs + 50 };
		const state = hearView(view, 100);
		expect(hearChange(state, changeBetween(view, next), 150)).toMatchObject({ link: "live", view: next, heardAtMs: 150 });
		expect(hearChange(state, changeBetween(next, { ...next, revision: 3 }), 150)).toBeUndefined();
		expect(hearChange(NOTHING_HEARD, changeBetween(view, next), 150)).toBeUndefined();
	});

	it("is old after a silence, and live again with the next beat", () => {
		const state = hearView(view, 100);
		expect(notice(state, 100 + SILENCE_MS).link).toBe("live");
		const lost = notice(state, 101 + SILENCE_MS);
		expect([lost.link, lost.view]).toEqual(["lost", view]);
		expect(hearBeat(lost, view.nowMs + 20_000, 20_100).link).toBe("live");
	});

	it("is not live by a beat alone", () => {
		expect(hearBeat(loseLink(NOTHING_HEARD), 5, 5).link).toBe("lost");
	});

	it("lets the station's clock run while it is live and stand while it is lost", () => {
		const state = hearView(view, 1_000);
		expect(stationNowMs(state, 4_000)).toBe(view.nowMs + 3_000);
		expect(stationNowMs(loseLink(state), 60_000)).toBe(view.nowMs);
	});
});
