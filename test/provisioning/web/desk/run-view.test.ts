import { describe, expect, it } from "vitest";
import { fault } from "../../../../provisioning/handset/fault.ts";
import { FAULT_CODES } from "../../../../provisioning/handset/fault-codes.ts";
import { enrollSteps } from "../../../../provisioning/procedure/enroll.ts";
import { NO_RUN, nextRunView, type RunAct, STEP_NAMES } from "../../../../provisioning/web/desk/run-view.ts";
import { actionFor, COMES_BACK, isStop } from "../../../../provisioning/web/desk/what-helps.ts";

const shown = (...acts: readonly RunAct[]) => acts.reduce(nextRunView, NO_RUN);
const step = (name: string) => ({ step: name, title: "", index: 0, count: 9 });

describe("what the desk shows of a run", () => {
	it("has the procedure's own steps, in its order", () => {
		expect(STEP_NAMES).toEqual(enrollSteps({ seal: true }).map(({ name }) => name));
	});

	it("follows each step from its start to its end", () => {
		const view = shown(
			{ type: "open" },
			{ type: "opened" },
			{ type: "event", atMs: 1000, event: { type: "step-started", ...step("install") } },
			{ type: "event", atMs: 1100, event: { type: "step-note", step: "install", text: "Keep the screen on." } },
			{ type: "event", atMs: 1200, event: { type: "step-progress", step: "install", fraction: 0.5 } },
		);
		expect(view.steps[2]).toEqual({
			name: "install",
			state: "running",
			startedAtMs: 1000,
			note: "Keep the screen on.",
			fraction: 0.5,
		});
		const ended = nextRunView(view, {
			type: "event",
			atMs: 2000,
			event: { type: "step-ended", step: "install", end: "already", milliseconds: 900 },
		});
		expect(ended.steps[2]).toEqual({ name: "install", state: "already", milliseconds: 900 });
	});

	it("keeps the steps when a fault stops it, and begins anew when it is opened again", () => {
		const failed = shown(
			{ type: "open" },
			{ type: "event", atMs: 0, event: { type: "step-ended", step: "bind", end: "failed", milliseconds: 1 } },
			{ type: "stop" },
			{ type: "fault", fault: fault("USB_LOST") },
		);
		expect(failed).toMatchObject({ phase: "fault", isStopping: false });
		expect(failed.steps[5]?.state).toBe("failed");
		expect(nextRunView(failed, { type: "open" }).steps).toEqual(NO_RUN.steps);
	});
});

describe("what helps against a fault at the desk", () => {
	it("is one action for each code", () => {
		for (const code of FAULT_CODES) expect(["retry", "pick", "contract"]).toContain(actionFor(code));
		expect(actionFor("USB_GRANT_LOST")).toBe("pick");
		expect(actionFor("IMEI_ON_OTHER_CONTRACT")).toBe("contract");
	});

	it("is never waiting for the cable where the phone is the wrong one", () => {
		expect(COMES_BACK.filter(isStop)).toEqual([]);
		expect(isStop("IDENTITY_CHANGED")).toBe(true);
	});
});
