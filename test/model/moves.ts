/** Moves of holdfast.pml, by their numbers there. */
export const MOVES = [
	"HALF",
	"DAY",
	"CUT",
	"OFF",
	"LOOK",
	"GLANCE",
	"CONTACT",
	"CONTACT_STALE",
	"PAY",
	"RESTRICT_DEBT",
	"RESTRICT_FRAUD",
	"WARN",
	"RESTORE",
	"HOLD",
	"PASS",
	"DISPUTE",
	"CALL",
	"CALL_ENDS",
	"RELEASE",
	"STOLEN_RELEASE",
] as const;
export type ModelMove = (typeof MOVES)[number];

/** A move and what holds after it. */
export interface Step {
	readonly move: ModelMove;
	/** As wire.Standing. */
	readonly standing: number;
	/** Camera and gallery, at least, are off. */
	readonly isRestricted: boolean;
}
