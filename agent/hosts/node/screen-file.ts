import type { Message } from "../../../proto/codec.ts";
import { wire } from "../../../proto/wire.ts";
import type { Decision } from "./borrowers-record.ts";

type Screen = Message<wire.Screen.$Properties>;
type NoticeToShow = Message<wire.NoticeToShow.$Properties>;

/** A wire enum's member in the lab's words: `SCREEN_KIND_FULL` is "full". */
function word(name: string | undefined, prefix: string): string {
	return (name ?? "").replace(prefix, "").toLowerCase();
}

/** Where the contract stands, as the screen shows it: unbound, unlocked, grace, limited, full, released, recovery. */
export function standingShown(screen: Screen | null | undefined): string {
	return screen ? word(wire.ScreenKind[screen.kind], "SCREEN_KIND_") : "unknown";
}

/** `screen.json`: everything on the agent's screen, enums as words, and what was decided last (F12). */
export function screenFile(screen: Screen, notices: readonly NoticeToShow[], decisions: readonly Decision[]): object {
	return {
		...screen,
		kind: standingShown(screen),
		level: word(wire.RestrictionLevel[screen.level], "RESTRICTION_LEVEL_"),
		causes: screen.causes.map((cause) => word(wire.LockCause[cause], "LOCK_CAUSE_")),
		reason: word(wire.ReasonCode[screen.reason], "REASON_CODE_"),
		warnings: screen.warnings.map((warning) => ({ ...warning, kind: word(wire.WarningKind[warning.kind], "WARNING_KIND_") })),
		notices: notices.map(({ noticeId, kind, text, language }) => ({
			noticeId,
			kind: word(wire.NoticeKind[kind], "NOTICE_KIND_"),
			text,
			language,
		})),
		decisions: decisions.map((decision) => ({
			number: decision.number,
			atUnixSeconds: decision.atUnixSeconds,
			kind: word(wire.DecisionKind[decision.kind], "DECISION_KIND_"),
			standing: word(wire.Standing[decision.standing], "STANDING_"),
			causes: decision.causes.map((cause) => word(wire.LockCause[cause], "LOCK_CAUSE_")),
			reason: word(wire.ReasonCode[decision.reason], "REASON_CODE_"),
			order: decision.orderSequence,
			detail: decision.detail,
		})),
	};
}
