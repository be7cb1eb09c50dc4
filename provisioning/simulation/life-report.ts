import type { Life } from "./life.ts";
import type { Moment } from "./moment.ts";
import type { StandingName } from "./screen-view.ts";

/** How a life ended, for whoever reads it without a page. Plain data: the same scenario gives the same report everywhere. */
export interface LifeReport {
	readonly hours: number;
	readonly standing: StandingName;
	/** Minutes in each lock, the phone switched on. */
	readonly lockedMinutes: { readonly limited: number; readonly full: number };
	readonly wrongfulMinutes: number;
	readonly paidInstalments: number;
	readonly moments: readonly Moment[];
	/** Head of the record's chain, lower-case hex. */
	readonly recordHead: string;
}

export function reportOf(life: Life): LifeReport {
	const { hour, standing, lockedMinutes, screen, book, record } = life.state();
	return {
		hours: hour,
		standing,
		lockedMinutes,
		wrongfulMinutes: screen.wrongfulLockMinutes,
		paidInstalments: book.instalments.filter(({ isPaid }) => isPaid).length,
		moments: record.moments,
		recordHead: record.head,
	};
}
