import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";

import { CONTROLS as AGENT_CONTROLS } from "../../../agent/policy/posture.ts";
import { encode } from "../../../proto/codec.ts";
import { nobleCrypto } from "../../../proto/noble-crypto.ts";
import { presetOf } from "../../../proto/terms-presets.ts";
import { wire } from "../../../proto/wire.ts";
import { auditRecord } from "../../../provisioning/audit/audit-record.ts";
import type { AgentScript } from "../../../provisioning/simulation/agent-script.ts";
import { createLife } from "../../../provisioning/simulation/life.ts";
import { CONTROLS } from "../../../provisioning/simulation/life-view.ts";
import type { Moment } from "../../../provisioning/simulation/moment.ts";
import { type Act, type MadeTerms, readScenario } from "../../../provisioning/simulation/scenario.ts";
import { STORY_NAMES, story } from "../../../provisioning/simulation/stories.ts";
import { timeline } from "../../../provisioning/simulation/timeline.ts";
import { EPOCH, termsOf } from "../../agent/test-lender.ts";
import { agentScript, begun, lived } from "./agent-under-test.ts";

const DAY = 24;
let script: AgentScript;
beforeAll(async () => {
	script = await agentScript();
});

const firstOf = (moments: readonly Moment[], kind: Moment["kind"]) => moments.find((moment) => moment.kind === kind);

describe("a simulated life", { timeout: 180_000 }, () => {
	it("names the controls that the agent's table has, in its order", () => {
		expect(CONTROLS).toEqual(AGENT_CONTROLS);
	});

	it("ends free, with no minute locked, for whoever pays on time", () => {
		const { standing, lockedMinutes, works, record } = lived(script, story("goodPayer")).state();
		expect(standing).toBe("released");
		expect(lockedMinutes).toEqual({ limited: 0, full: 0 });
		expect(works.filter(({ isOpen }) => !isOpen)).toEqual([]);
		expect(firstOf(record.moments, "grace")).toBeUndefined();
	});

	it.each(["default", "MX", "ID", "BR", "KE", "IN"])(
		"locks under the rules of %s no earlier than its terms say (F3, F4)",
		(jurisdiction) => {
			const terms: MadeTerms = { ...story("neverPays").terms, jurisdiction };
			const life = begun(script, { terms });
			life.advanceTo(200 * DAY);
			const { record, screen } = life.state();
			const preset = presetOf(jurisdiction);
			const [limited, full] = [firstOf(record.moments, "limited"), firstOf(record.moments, "full")];
			const seen = record.moments.filter(({ kind, detail }) => kind === "noticeOnScreen" && detail !== "offlineWarning");
			expect(limited?.atUnixSeconds).toBeGreaterThanOrEqual(screen.paidUntilUnixSeconds + (preset?.ladder.graceSeconds ?? 0));
			const before = seen.filter(({ atUnixSeconds }) => atUnixSeconds <= (limited?.atUnixSeconds ?? 0));
			expect(before.length).toBeGreaterThanOrEqual(3);
			expect((limited?.atUnixSeconds ?? 0) - (before[0]?.atUnixSeconds ?? 0)).toBeGreaterThanOrEqual(72 * 3600);
			if (jurisdiction === "IN") expect(full).toBeUndefined();
			else {
				const dwell = preset?.ladder.limitedDwellSeconds ?? 0;
				expect((full?.atUnixSeconds ?? 0) - (limited?.atUnixSeconds ?? 0)).toBeGreaterThanOrEqual(dwell);
			}
		},
	);

	it("does not lock for a debt while nobody looks at the phone (F3)", () => {
		const life = begun(script);
		life.act({ kind: "look", on: false });
		life.advanceTo(80 * DAY);
		expect(life.standing).toBe("grace");
		life.act({ kind: "look", on: true });
		life.advanceTo(90 * DAY);
		expect(firstOf(life.moments(), "limited")).toBeDefined();
	});

	it("opens in the hour of the payment, and by a code where there is no network (F6)", () => {
		const life = begun(script);
		life.advanceTo(50 * DAY);
		expect(life.standing).toBe("full");
		const offline = life.fork();
		expect(life.act({ kind: "pay", instalments: 1 }).accepted).toBe(true);
		expect(life.standing).toBe("unlocked");
		offline.act({ kind: "network", on: false });
		offline.act({ kind: "pay", instalments: 1 });
		expect(offline.standing).toBe("full");
		expect(offline.act({ kind: "code", from: "guess" })).toEqual({ kind: "code", accepted: false, code: "WRONG_CODE" });
		expect(offline.act({ kind: "code", from: "support" }).accepted).toBe(true);
		expect(offline.standing).toBe("unlocked");
	});

	it("keeps a thief who has the lender's key outside the floor, and a locked phone no tighter (F3, F15)", () => {
		const life = begun(script);
		life.advanceTo(3 * DAY);
		for (const level of ["limited", "full"] as const) {
			expect(life.act({ kind: "stolenKey", level })).toEqual({ kind: "stolenKey", accepted: false, code: "F3" });
			life.advanceTo(life.hour + 5);
			expect(life.standing).toBe("unlocked");
		}
		// The numbers that the thief used up do not stop the lender.
		life.act({ kind: "payOff" });
		expect(life.standing).toBe("released");
	});

	it("is not locked anew by a debt while a dispute, a promise or a pass stands (F13)", () => {
		const life = begun(script);
		life.advanceTo(50 * DAY);
		expect(life.act({ kind: "dispute" }).accepted).toBe(true);
		expect(life.standing).toBe("limited");
		expect(life.act({ kind: "dispute" })).toMatchObject({ accepted: false, code: "ONCE_A_PERIOD" });
		expect(life.act({ kind: "pass" }).accepted).toBe(true);
		expect(life.state().works.filter(({ control, isOpen }) => control === "cameraAndGallery" && isOpen)).toHaveLength(1);
	});

	it("is freed by a silent lender's own end date, and by the shop (F16)", () => {
		const gone = lived(script, story("lenderDies"));
		expect(firstOf(gone.moments(), "released")).toBeDefined();
		expect(gone.moments().find(({ kind, detail }) => kind === "released" && detail !== "")).toMatchObject({
			rule: "F16",
			detail: "deadLender",
		});
		const returned = begun(script);
		returned.advanceTo(50 * DAY);
		expect(returned.act({ kind: "returned" }).accepted).toBe(true);
		expect(returned.standing).toBe("released");
	});

	it("refuses what needs a phone that is switched on, and counts nothing while it is off (F5)", () => {
		const life = begun(script);
		life.act({ kind: "powerOff", hours: 200 * DAY });
		life.advanceTo(100 * DAY);
		expect(life.state().isOn).toBe(false);
		expect(life.act({ kind: "pass" })).toEqual({ kind: "pass", accepted: false, code: "PHONE_OFF" });
		life.advanceTo(201 * DAY);
		expect(life.state().lockedMinutes).toEqual({ limited: 0, full: 0 });
	});

	it.each(STORY_NAMES)("gives a record of %s that an auditor finds whole and fair", (name) => {
		const report = auditRecord({ crypto: nobleCrypto }, lived(script, story(name)).exportRecord());
		expect(report.verdict).toBe("ok");
	});

	it("says what the agent does not take", () => {
		const of = (terms: Uint8Array) => createLife({ script, seed: 1, startsAtUnixSeconds: EPOCH, terms });
		expect(of(Uint8Array.of(1, 2, 3))).toEqual({ problem: "TERMS_REFUSED: MALFORMED" });
		const unfair = { ...termsOf(), ladder: { graceSeconds: 60, limitedDwellSeconds: 60, maxLevel: 2 } };
		expect(of(encode(wire.Terms, unfair))).toMatchObject({ problem: expect.stringContaining("F3") });
	});
});

const anAct: fc.Arbitrary<Act> = fc.oneof(
	fc.record({ kind: fc.constant("pay" as const), instalments: fc.integer({ min: 1, max: 3 }) }),
	fc.constant({ kind: "payOff" } as const),
	fc.record({
		kind: fc.constantFrom("payOnTime", "network", "look", "emergencyCall", "lenderSilent", "feedStale" as const),
		on: fc.boolean(),
	}),
	fc.record({ kind: fc.constantFrom("reboot", "checkNow", "dispute", "pass", "returned" as const) }),
	fc.record({ kind: fc.constant("powerOff" as const), hours: fc.integer({ min: 1, max: 2000 }) }),
	fc.record({ kind: fc.constant("code" as const), from: fc.constantFrom("support", "receipt", "guess" as const) }),
	fc.record({ kind: fc.constantFrom("promise", "disaster" as const), days: fc.integer({ min: 1, max: 60 }) }),
	fc.record({ kind: fc.constant("stolenKey" as const), level: fc.constantFrom("limited", "full" as const) }),
) as fc.Arbitrary<Act>; // constantFrom widens the first names of its list
const someActs = fc
	.array(fc.record({ atHour: fc.integer({ min: 0, max: 100 * DAY }), act: anAct }), { maxLength: 12 })
	.map((acts) => acts.sort((a, b) => a.atHour - b.atHour));
const aLife = fc.record({ acts: someActs, seed: fc.integer({ min: 0, max: 1000 }) });

describe("any life", { timeout: 300_000 }, () => {
	it("throws nothing, keeps emergency calls open, stays free once it is free, and can be audited (F1, F7, F12)", () => {
		fc.assert(
			fc.property(aLife, ({ acts, seed }) => {
				const scenario = { ...story("neverPays"), hours: 130 * DAY, seed, acts };
				expect(readScenario(scenario)).toEqual({ scenario });
				const life = begun(script, scenario);
				let isFree = false;
				for (const { atHour, act } of [...acts, { atHour: 130 * DAY, act: { kind: "checkNow" } as const }]) {
					life.advanceTo(atHour);
					life.act(act);
					const { works, ways, standing } = life.state();
					expect(works.find(({ control }) => control === "emergencyCall")?.isOpen).toBe(true);
					expect(works.filter(({ isOpen }) => isOpen).length).toBeGreaterThanOrEqual(6);
					expect(ways).toContain("emergencyCall");
					if (isFree) expect(standing).toBe("released");
					isFree = standing === "released";
				}
				expect(auditRecord({ crypto: nobleCrypto }, life.exportRecord())).toMatchObject({ verdict: "ok", findings: [] });
			}),
			{ numRuns: 25 },
		);
	});

	it("is the same in whatever steps it is lived, and whoever looks ahead sees what then happens", () => {
		fc.assert(
			fc.property(aLife, fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 5, maxLength: 60 }), ({ acts, seed }, steps) => {
				const scenario = { ...story("neverPays"), hours: 130 * DAY, seed, acts };
				const whole = lived(script, scenario);
				const stepped = begun(script, scenario);
				for (const { atHour, act } of acts) {
					for (const step of steps) {
						if (stepped.hour + step < atHour) stepped.advanceTo(stepped.hour + step);
						stepped.state();
					}
					stepped.advanceTo(atHour);
					stepped.act(act);
				}
				const ahead = timeline(stepped, Math.ceil((scenario.hours - stepped.hour) / DAY));
				const known = stepped.moments().length;
				while (stepped.hour < scenario.hours) stepped.advanceTo(Math.min(stepped.hour + (steps[0] ?? 1) * 3, scenario.hours));
				expect(stepped.state()).toEqual(whole.state());
				const lastSecond = story("neverPays").startsAtUnixSeconds + scenario.hours * 3600;
				const seen = ahead.filter(({ atUnixSeconds }) => atUnixSeconds <= lastSecond);
				// Looking ahead ends where the phone is free.
				expect(seen).toEqual(stepped.moments().slice(known, known + seen.length));
				expect(stepped.exportRecord()).toEqual(whole.exportRecord());
			}),
			{ numRuns: 15 },
		);
	});
});
