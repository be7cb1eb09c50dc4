import { wire } from "../../proto/wire.ts";
import type { AgentScript } from "./agent-script.ts";
import { createLife, type Life } from "./life.ts";
import type { Moment } from "./moment.ts";
import { STANDINGS, type StandingName } from "./screen-view.ts";
import { timeline } from "./timeline.ts";

const HOUR = 3600;
const DAY = 24 * HOUR;
const USUAL_DAYS = 120;
/** Somebody heard from this long ago is taken to be in reach still. */
const IN_REACH_SECONDS = 2 * DAY;
/** How far back a phone's life is told again. */
const MOST_PAST_SECONDS = 400 * DAY;

/** What a lender knows of a contract and its phone. Times in seconds since 1970-01-01T00:00:00Z. */
export interface PreviewInput {
	/** The contract's terms, as bytes. */
	readonly termsBytes: Uint8Array;
	readonly paidUntilUnixSeconds: number;
	readonly nowUnixSeconds: number;
	/** The phone's last check-in. */
	readonly lastContactUnixSeconds: number;
	/** Holds in force, as the phone was last told. */
	readonly holds?: readonly { readonly kind: HoldName; readonly untilUnixSeconds: number }[];
	/** How far ahead, at most 400. Default 120. */
	readonly days?: number;
}
export type HoldName = "dispute" | "promiseToPay" | "disaster" | "clearing";

/** What would happen in one case. */
export interface PreviewCase {
	readonly moments: readonly Moment[];
	/** At the end of the days. */
	readonly standingAtEnd: StandingName;
}

/** The ladder of a real contract, as the phone itself would climb it. */
export interface Preview {
	/** Where the phone stands now if all that was assumed is so. A phone that says otherwise is right. */
	readonly standingNow: StandingName;
	readonly nobodyPays: PreviewCase;
	/** The next instalment is paid now. */
	readonly nextPaid: PreviewCase;
	/** What the lender does not know, and this therefore takes for granted. */
	readonly assumptions: readonly ("switchedOn" | "looksEachDay" | "noCodeNoPassNoDispute" | "staysInReach" | "staysOutOfReach")[];
}

const HOLDS: Readonly<Record<HoldName, readonly [wire.HoldKind, wire.ReasonCode]>> = {
	dispute: [wire.HoldKind.HOLD_KIND_DISPUTE, wire.ReasonCode.REASON_CODE_DISPUTE],
	promiseToPay: [wire.HoldKind.HOLD_KIND_PROMISE_TO_PAY, wire.ReasonCode.REASON_CODE_PROMISE_TO_PAY],
	disaster: [wire.HoldKind.HOLD_KIND_DISASTER, wire.ReasonCode.REASON_CODE_DISASTER],
	clearing: [wire.HoldKind.HOLD_KIND_CLEARING, wire.ReasonCode.REASON_CODE_PAYMENT],
};

/**
 * What happens to this phone, and when: once if nobody pays from now on, once if the next instalment is paid now. The agent itself
 * lives both, in a world where it was told what the lender knows. A problem where the agent would not take such terms.
 */
export function previewTimeline(script: AgentScript, input: PreviewInput): Preview | { readonly problem: string } {
	const { termsBytes, paidUntilUnixSeconds, nowUnixSeconds, holds = [] } = input;
	const lastContact = Math.min(input.lastContactUnixSeconds, nowUnixSeconds);
	// From before the debt on, so that notices are given when they were due; in whole hours before now.
	const begins = Math.max(Math.min(lastContact, paidUntilUnixSeconds) - HOUR, nowUnixSeconds - MOST_PAST_SECONDS);
	const pastHours = Math.ceil(Math.max(0, nowUnixSeconds - begins) / HOUR);
	const startsAtUnixSeconds = nowUnixSeconds - pastHours * HOUR;
	const life = createLife({ script, seed: 0, startsAtUnixSeconds, terms: termsBytes, paidUntilUnixSeconds });
	if ("problem" in life) return life;
	const isInReach = nowUnixSeconds - lastContact <= IN_REACH_SECONDS;
	life.advanceTo(Math.max(0, Math.floor((lastContact - startsAtUnixSeconds) / HOUR)));
	life.act({ kind: "checkNow" });
	for (const { kind, untilUnixSeconds } of holds) {
		const [holdKind, reason] = HOLDS[kind];
		life.order({ reason, hold: { kind: holdKind, untilUnixSeconds } });
	}
	if (!isInReach) life.act({ kind: "network", on: false });
	life.advanceTo(pastHours);

	const days = Math.min(Math.max(1, input.days ?? USUAL_DAYS), 400);
	const paying = life.fork();
	paying.act({ kind: "pay", instalments: 1 });
	return {
		standingNow: life.standing,
		nobodyPays: caseOf(life, days),
		nextPaid: caseOf(paying, days, life.moments().length),
		assumptions: ["switchedOn", "looksEachDay", "noCodeNoPassNoDispute", isInReach ? "staysInReach" : "staysOutOfReach"],
	};
}

/** @param known decisions that are of the past already; those of the present act belong to the case. */
function caseOf(life: Life, days: number, known = life.moments().length): PreviewCase {
	const ahead = timeline(life, days);
	const moments = [...life.moments().slice(known), ...ahead];
	const last = ahead.findLast(({ kind }) => isStanding(kind))?.kind;
	return { moments, standingAtEnd: last && isStanding(last) ? last : life.standing };
}

function isStanding(kind: string): kind is StandingName {
	return STANDINGS.some((standing) => standing === kind);
}
