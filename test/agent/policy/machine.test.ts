import { describe, expect, test } from "vitest";
import { initialTransition, transition } from "xstate";

import { createPolicyMachine, createStandingRule, type Facts, type PolicyEvent } from "../../../agent/policy/machine.ts";
import { wire } from "../../../proto/wire.ts";

const {
	STANDING_UNBOUND: unbound,
	STANDING_UNLOCKED: unlocked,
	STANDING_GRACE: grace,
	STANDING_LOCKED_LIMITED: limited,
	STANDING_LOCKED_FULL: full,
	STANDING_RELEASED: released,
} = wire.Standing;
const { RESTRICTION_LEVEL_NONE: NONE, RESTRICTION_LEVEL_LIMITED: LIMITED, RESTRICTION_LEVEL_FULL: FULL } = wire.RestrictionLevel;
const STANDINGS = [unbound, unlocked, grace, limited, full, released];
const name = (standing: wire.Standing | undefined) => wire.Standing[standing ?? 0]?.replace("STANDING_", "").toLowerCase();

const reckon = (facts: Partial<Facts>): PolicyEvent => ({
	type: "reckon",
	facts: {
		isPastDue: false,
		levelAsked: NONE,
		mayTighten: true,
		hasDwelt: true,
		contact: wire.ContactState.CONTACT_STATE_FRESH,
		codes: "open",
		isServiceOpen: false,
		...facts,
	},
});

/** Every state x event, written out: the columns are the standings in the order of STANDINGS. */
const TABLE: readonly (readonly [string, PolicyEvent, readonly wire.Standing[]])[] = [
	["a contract is bound", { type: "bind" }, [unlocked, unlocked, grace, limited, full, released]],
	["the contract ends", { type: "end" }, [unbound, released, released, released, released, released]],
	["paid", reckon({}), [unbound, unlocked, unlocked, unlocked, unlocked, released]],
	["past due", reckon({ isPastDue: true }), [unbound, grace, grace, grace, grace, released]],
	["limited asked for", reckon({ levelAsked: LIMITED }), [unbound, limited, limited, limited, limited, released]],
	[
		"limited asked for, past due",
		reckon({ levelAsked: LIMITED, isPastDue: true }),
		[unbound, limited, limited, limited, limited, released],
	],
	["full asked for", reckon({ levelAsked: FULL }), [unbound, limited, limited, full, full, released]],
	[
		"full asked for before the dwell",
		reckon({ levelAsked: FULL, hasDwelt: false }),
		[unbound, limited, limited, limited, full, released],
	],
	[
		"full asked for, floor objects",
		reckon({ levelAsked: FULL, mayTighten: false }),
		[unbound, unlocked, unlocked, limited, full, released],
	],
	[
		"full asked for, past due, floor objects",
		reckon({ levelAsked: FULL, mayTighten: false, isPastDue: true }),
		[unbound, grace, grace, limited, full, released],
	],
];

describe("the machine", () => {
	test.each(TABLE)("%s", (_name, event, expected) => {
		const standingAfter = createStandingRule();
		expect(STANDINGS.map((standing) => name(standingAfter(standing, event)))).toEqual(expected.map(name));
	});

	test("steps up one level at a time and down in one (F4)", () => {
		const standingAfter = createStandingRule();
		const height = [unlocked, grace, limited, full];
		for (const [, event] of TABLE) {
			for (const before of height) {
				const after = standingAfter(before, event);
				if (after === full) expect([limited, full]).toContain(before);
			}
		}
	});

	test("released has no way out, whatever happens (F7)", () => {
		const standingAfter = createStandingRule();
		for (const [, event] of TABLE) expect(standingAfter(released, event)).toBe(released);
	});

	test("remembers nothing between calls but its answers", () => {
		const once = createStandingRule();
		const first = TABLE.flatMap(([, event]) => STANDINGS.map((standing) => once(standing, event)));
		const second = TABLE.flatMap(([, event]) => STANDINGS.map((standing) => once(standing, event)));
		expect(second).toEqual(first);
	});

	test("takes what it remembers for no other facts, standing or event", () => {
		const shared = createStandingRule();
		for (const [, event] of [...TABLE, ...TABLE]) {
			for (const standing of STANDINGS) expect(shared(standing, event)).toBe(createStandingRule()(standing, event));
		}
	});

	test("guards are named as sentences, and the chart has no logic of its own", () => {
		const text = JSON.stringify(createPolicyMachine().config);
		expect(text).toContain("the full level is asked for, allowed, and the dwell is over");
		expect(text).not.toContain("=>");
	});
});

describe("the regions beside the standing", () => {
	const { CONTACT_STATE_FRESH: FRESH, CONTACT_STATE_WARNED: WARNED, CONTACT_STATE_EXPIRED: EXPIRED } = wire.ContactState;
	const everywhere = (["fresh", "warned", "expired"] as const).flatMap((contact) =>
		(["open", "backingOff", "signedOnly"] as const).flatMap((codeEntry) =>
			(["closed", "open"] as const).map((service) => ({ standing: "unbound" as const, contact, codeEntry, service })),
		),
	);
	const follow = (event: PolicyEvent) => {
		const machine = createPolicyMachine();
		return new Set(
			everywhere.map((value) => JSON.stringify(transition(machine, machine.resolveState({ value }), event)[0].value)),
		);
	};

	test.each<[string, Partial<Facts>, object]>([
		["contact is fresh", { contact: FRESH }, { contact: "fresh", codeEntry: "open", service: "closed" }],
		["a threshold was passed", { contact: WARNED }, { contact: "warned", codeEntry: "open", service: "closed" }],
		["the budget is spent", { contact: EXPIRED }, { contact: "expired", codeEntry: "open", service: "closed" }],
		["code entry waits", { codes: "backingOff" }, { contact: "fresh", codeEntry: "backingOff", service: "closed" }],
		["too many codes were wrong", { codes: "signedOnly" }, { contact: "fresh", codeEntry: "signedOnly", service: "closed" }],
		["service is open", { isServiceOpen: true }, { contact: "fresh", codeEntry: "open", service: "open" }],
	])("follow the facts alone, wherever they were: %s", (_, facts, regions) => {
		expect(follow(reckon(facts))).toEqual(new Set([JSON.stringify({ standing: "unbound", ...regions })]));
	});

	test("begin open, fresh and closed, and stay where they are without facts", () => {
		const [begun] = initialTransition(createPolicyMachine());
		expect(begun.value).toEqual({ standing: "unbound", contact: "fresh", codeEntry: "open", service: "closed" });
		expect(follow({ type: "end" })).toEqual(new Set(everywhere.map((value) => JSON.stringify(value))));
	});

	test("follow a contact that is not known nowhere", () => {
		const machine = createPolicyMachine();
		const unknown = reckon({ contact: wire.ContactState.CONTACT_STATE_UNSPECIFIED });
		const value = { standing: "unbound", contact: "warned", codeEntry: "open", service: "closed" } as const;
		expect(transition(machine, machine.resolveState({ value }), unknown)[0].value).toEqual(value);
	});
});
