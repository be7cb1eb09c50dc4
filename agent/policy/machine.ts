import { setup, transition } from "xstate";

import { wire } from "../../proto/wire.ts";

/** What the machine is told: questions of policy, answered. It compares nothing and knows no time. */
export interface Facts {
	/** Trusted time has reached paid-until. */
	readonly isPastDue: boolean;
	/** The level that the causes ask for, within every cap. */
	readonly levelAsked: wire.RestrictionLevel;
	/** The floor has no objection to tightening now. */
	readonly mayTighten: boolean;
	/** The phone has been in its present standing for the ladder's dwell. */
	readonly hasDwelt: boolean;
	readonly contact: wire.ContactState;
	readonly codes: "open" | "backingOff" | "signedOnly";
	readonly isServiceOpen: boolean;
}

/** `bind` and `end` say what became of the contract; `reckon` brings the facts as they are now. */
export type PolicyEvent = { type: "bind" } | { type: "end" } | { type: "reckon"; facts: Facts };

type Guarded = { event: PolicyEvent };
/** Guards stand only on `reckon`, which brings all of them. */
const facts = (event: PolicyEvent): Partial<Facts> => (event.type === "reckon" ? event.facts : {});
const asks = (event: PolicyEvent, level: wire.RestrictionLevel) => facts(event).levelAsked === level;
const { RESTRICTION_LEVEL_NONE: NONE, RESTRICTION_LEVEL_LIMITED: LIMITED, RESTRICTION_LEVEL_FULL: FULL } = wire.RestrictionLevel;

/**
 * The agent's machine. Restrictions are not in it: they are derived from the standing (posture.ts). `released` has no
 * way out. Down is one step from anywhere; up is one level at a time.
 */
export function createPolicyMachine() {
	return setup({
		types: { events: {} as PolicyEvent },
		guards: {
			"payment is past due": ({ event }: Guarded) => facts(event).isPastDue === true,
			"payment is not past due": ({ event }: Guarded) => facts(event).isPastDue === false,
			"a lock is asked for and allowed": ({ event }: Guarded) => !asks(event, NONE) && facts(event).mayTighten === true,
			"no lock is asked for and payment is past due": ({ event }: Guarded) =>
				asks(event, NONE) && facts(event).isPastDue === true,
			"no lock is asked for": ({ event }: Guarded) => asks(event, NONE),
			"the full level is asked for, allowed, and the dwell is over": ({ event }: Guarded) =>
				asks(event, FULL) && facts(event).mayTighten === true && facts(event).hasDwelt === true,
			"only the limited level is asked for": ({ event }: Guarded) => asks(event, LIMITED),
			"contact is fresh": ({ event }: Guarded) => facts(event).contact === wire.ContactState.CONTACT_STATE_FRESH,
			"a warning threshold was passed": ({ event }: Guarded) => facts(event).contact === wire.ContactState.CONTACT_STATE_WARNED,
			"the offline budget is spent": ({ event }: Guarded) => facts(event).contact === wire.ContactState.CONTACT_STATE_EXPIRED,
			"codes may be entered": ({ event }: Guarded) => facts(event).codes === "open",
			"code entry is backing off": ({ event }: Guarded) => facts(event).codes === "backingOff",
			"too many codes were wrong": ({ event }: Guarded) => facts(event).codes === "signedOnly",
			"a service window is open": ({ event }: Guarded) => facts(event).isServiceOpen === true,
			"no service window is open": ({ event }: Guarded) => facts(event).isServiceOpen === false,
		},
	}).createMachine({
		id: "agent",
		type: "parallel",
		states: {
			standing: {
				initial: "unbound",
				states: {
					unbound: { on: { bind: "bound" } },
					bound: {
						initial: "unlocked",
						on: { end: "released" },
						states: {
							unlocked: {
								on: {
									reckon: [
										{ guard: "a lock is asked for and allowed", target: "locked" },
										{ guard: "payment is past due", target: "grace" },
									],
								},
							},
							grace: {
								on: {
									reckon: [
										{ guard: "a lock is asked for and allowed", target: "locked" },
										{ guard: "payment is not past due", target: "unlocked" },
									],
								},
							},
							locked: {
								initial: "limited",
								on: {
									reckon: [
										{ guard: "no lock is asked for and payment is past due", target: "grace" },
										{ guard: "no lock is asked for", target: "unlocked" },
									],
								},
								states: {
									limited: {
										on: { reckon: { guard: "the full level is asked for, allowed, and the dwell is over", target: "full" } },
									},
									full: { on: { reckon: { guard: "only the limited level is asked for", target: "limited" } } },
								},
							},
						},
					},
					released: { type: "final" },
				},
			},
			contact: {
				initial: "fresh",
				on: {
					reckon: [
						{ guard: "contact is fresh", target: ".fresh" },
						{ guard: "a warning threshold was passed", target: ".warned" },
						{ guard: "the offline budget is spent", target: ".expired" },
					],
				},
				states: { fresh: {}, warned: {}, expired: {} },
			},
			codeEntry: {
				initial: "open",
				on: {
					reckon: [
						{ guard: "codes may be entered", target: ".open" },
						{ guard: "code entry is backing off", target: ".backingOff" },
						{ guard: "too many codes were wrong", target: ".signedOnly" },
					],
				},
				states: { open: {}, backingOff: {}, signedOnly: {} },
			},
			service: {
				initial: "closed",
				states: {
					closed: { on: { reckon: { guard: "a service window is open", target: "open" } } },
					open: { on: { reckon: { guard: "no service window is open", target: "closed" } } },
				},
			},
		},
	});
}

/** The standing that follows from a standing and an event. */
export type StandingRule = (standing: wire.Standing, event: PolicyEvent) => wire.Standing;

/**
 * The machine as a function: restored from a stored standing, moved by an event, read back. Its inputs are few and it is
 * pure, so each answer is worked out once and remembered: on a phone's interpreter that is most of an event's cost.
 */
export function createStandingRule(): StandingRule {
	const machine = createPolicyMachine();
	const known = new Map<string, wire.Standing>();
	return (standing, event) => {
		const key = `${standing} ${event.type} ${event.type === "reckon" ? Object.values(event.facts).join() : ""}`;
		const remembered = known.get(key);
		if (remembered !== undefined) return remembered;
		const before = machine.resolveState({
			// The other regions follow from the facts alone, wherever they were.
			value: { standing: stateOf(standing), contact: "fresh", codeEntry: "open", service: "closed" },
		});
		const [after] = transition(machine, before, event);
		const next = standingOf(after.value.standing);
		known.set(key, next);
		return next;
	};
}

type StandingValue = "unbound" | "released" | { bound: "unlocked" | "grace" | { locked: "limited" | "full" } };

/** The machine's name of a stored standing. */
function stateOf(standing: wire.Standing): StandingValue {
	switch (standing) {
		case wire.Standing.STANDING_UNLOCKED:
			return { bound: "unlocked" };
		case wire.Standing.STANDING_GRACE:
			return { bound: "grace" };
		case wire.Standing.STANDING_LOCKED_LIMITED:
			return { bound: { locked: "limited" } };
		case wire.Standing.STANDING_LOCKED_FULL:
			return { bound: { locked: "full" } };
		case wire.Standing.STANDING_RELEASED:
			return "released";
		default:
			return "unbound";
	}
}

function standingOf(value: StandingValue): wire.Standing {
	if (value === "unbound") return wire.Standing.STANDING_UNBOUND;
	if (value === "released") return wire.Standing.STANDING_RELEASED;
	if (value.bound === "unlocked") return wire.Standing.STANDING_UNLOCKED;
	if (value.bound === "grace") return wire.Standing.STANDING_GRACE;
	return value.bound.locked === "limited" ? wire.Standing.STANDING_LOCKED_LIMITED : wire.Standing.STANDING_LOCKED_FULL;
}
