import { type Column, POSTURE_TABLE, type PostureRow } from "./posture-table.ts";

export interface WorkingControl {
	readonly control: string;
	/** Open in every state of the contract. */
	readonly isAlways: boolean;
}

export interface ClosedControl {
	readonly control: string;
	/** Only where the phone can do that. */
	readonly isMaybe: boolean;
	/** As long as anything is owed, locked or not. */
	readonly isWhileFinanced: boolean;
}

/**
 * What works on a phone and what does not, what always works first.
 *
 * @param column where the contract stands; `undefined` = nothing is restricted.
 * @param alwaysOpen what the rules of the place keep open besides.
 */
export function whatWorks(
	column: Column | undefined,
	alwaysOpen: readonly string[],
): { readonly open: readonly WorkingControl[]; readonly closed: readonly ClosedControl[] } {
	const worksOf = (row: PostureRow, at: Column) => (alwaysOpen.includes(row.control) ? "open" : row[at]);
	const isAlways = (row: PostureRow) =>
		(["unlocked", "grace", "limited", "full"] as const).every((at) => worksOf(row, at) === "open");
	const isClosed = (row: PostureRow) => column !== undefined && worksOf(row, column) !== "open";
	const open = POSTURE_TABLE.filter((row) => !isClosed(row)).map((row) => ({ control: row.control, isAlways: isAlways(row) }));
	return {
		open: [...open.filter((each) => each.isAlways), ...open.filter((each) => !each.isAlways)],
		closed: POSTURE_TABLE.filter(isClosed).map((row) => ({
			control: row.control,
			isMaybe: column !== undefined && worksOf(row, column) === "may_be_off",
			isWhileFinanced: worksOf(row, "unlocked") !== "open",
		})),
	};
}
