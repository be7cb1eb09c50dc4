import type { ProtectedService } from "../../proto/jurisdiction.ts";
import { wire } from "../../proto/wire.ts";

/** How bad it is when a control does not hold: `must` is reported as a failure, `should` as a remark. */
export type Criticality = "must" | "should";
export interface Cell {
	readonly value: "open" | "restricted";
	readonly criticality: Criticality;
}

/** Columns of the table: where the contract stands. */
export const COLUMNS = ["unbound", "unlocked", "grace", "limited", "full", "released"] as const;
export type Column = (typeof COLUMNS)[number];

const OPEN: Cell = { value: "open", criticality: "must" };
const MUST: Cell = { value: "restricted", criticality: "must" };
const SHOULD: Cell = { value: "restricted", criticality: "should" };

/** Cells of the columns in which a contract is bound; without one, everything is open. */
type BoundCells = readonly [unlocked: Cell, grace: Cell, limited: Cell, full: Cell];
const ALWAYS_OPEN: BoundCells = [OPEN, OPEN, OPEN, OPEN];
const WHILE_FINANCED: BoundCells = [MUST, MUST, MUST, MUST];
const WHILE_FINANCED_IF_POSSIBLE: BoundCells = [SHOULD, SHOULD, SHOULD, SHOULD];
const WHILE_LOCKED: BoundCells = [OPEN, OPEN, MUST, MUST];
const WHILE_LOCKED_IF_POSSIBLE: BoundCells = [OPEN, OPEN, SHOULD, SHOULD];
const AT_FULL: BoundCells = [OPEN, OPEN, OPEN, MUST];
const AT_FULL_IF_POSSIBLE: BoundCells = [OPEN, OPEN, OPEN, SHOULD];

interface Row {
	/** Its bit in PostureRecord: never used for another control. */
	readonly number: number;
	/** What the borrower reads. */
	readonly label: string;
	readonly cells: BoundCells;
	/** Restricted only once the agent was sealed, and not in a service window. */
	readonly onlySealed?: true;
}

const ROWS = {
	// F1, F2: open in every column, whoever signs what.
	emergencyCall: { number: 0, label: "Emergency calls", cells: ALWAYS_OPEN },
	incomingCalls: { number: 1, label: "Incoming calls", cells: ALWAYS_OPEN },
	supportLine: { number: 2, label: "Calls to the lender's support line", cells: ALWAYS_OPEN },
	payApp: { number: 3, label: "The app or page to pay with", cells: ALWAYS_OPEN },
	internet: { number: 4, label: "Mobile data and Wi-Fi", cells: ALWAYS_OPEN },
	messagesAndAlerts: { number: 5, label: "Messages and public alerts", cells: ALWAYS_OPEN },
	outgoingCalls: { number: 6, label: "Other outgoing calls", cells: AT_FULL_IF_POSSIBLE },
	cameraAndGallery: { number: 7, label: "Camera and gallery", cells: WHILE_LOCKED },
	otherApps: { number: 8, label: "Other apps", cells: WHILE_LOCKED_IF_POSSIBLE },
	lockTask: { number: 9, label: "Leaving the lender's page", cells: AT_FULL },
	settings: { number: 10, label: "Settings, apart from Wi-Fi and accessibility", cells: AT_FULL_IF_POSSIBLE },
	statusBar: { number: 11, label: "The status bar", cells: AT_FULL_IF_POSSIBLE },
	// `should`: recovery still resets, and some HyperOS versions are reported to keep this one after release (OwnDroid#363).
	factoryReset: { number: 12, label: "Factory reset from the settings", cells: WHILE_FINANCED_IF_POSSIBLE },
	safeMode: { number: 13, label: "Safe mode", cells: WHILE_FINANCED_IF_POSSIBLE },
	debugging: { number: 14, label: "USB debugging", cells: WHILE_FINANCED, onlySealed: true },
	addUser: { number: 15, label: "Adding users and profiles", cells: WHILE_FINANCED },
	// Open: the agent takes no time from the clock, so there is nothing to protect in it.
	dateAndTime: { number: 16, label: "Setting date and time", cells: ALWAYS_OPEN },
	uninstallAgent: { number: 17, label: "Removing the lender's agent", cells: WHILE_FINANCED },
} as const satisfies Record<string, Row>;

/** A control: something of the phone that the agent can restrict, or promises not to. */
export type Control = keyof typeof ROWS;

const TABLE: Readonly<Record<Control, Row>> = ROWS;

/** Every control, in the order of the table. */
export const CONTROLS: readonly Control[] = (Object.keys(ROWS) as Control[]).sort((a, b) => TABLE[a].number - TABLE[b].number);

/** F1, F2: what no state, no order and no terms may restrict. */
export const NEVER_RESTRICTED: readonly Control[] = [
	"emergencyCall",
	"incomingCalls",
	"supportLine",
	"payApp",
	"internet",
	"messagesAndAlerts",
];

/** What the posture follows from. */
export interface PostureInput {
	readonly standing: wire.Standing;
	readonly sealed: boolean;
	readonly serviceOpen: boolean;
	/** What the place protects besides {@link NEVER_RESTRICTED} (F2). */
	readonly neverRestricted: readonly ProtectedService[];
}

/** Words of a control for the borrower. */
export function labelOf(control: Control): string {
	return TABLE[control].label;
}

/** One cell of the table, as it is when the agent is sealed and no service window is open. */
export function cellOf(control: Control, column: Column): Cell {
	const [unlocked, grace, limited, full] = TABLE[control].cells;
	return { unbound: OPEN, unlocked, grace, limited, full, released: OPEN }[column];
}

/** Column of a standing. A standing that is not known restricts nothing. */
export function columnOf(standing: wire.Standing): Column {
	switch (standing) {
		case wire.Standing.STANDING_UNLOCKED:
			return "unlocked";
		case wire.Standing.STANDING_GRACE:
			return "grace";
		case wire.Standing.STANDING_LOCKED_LIMITED:
			return "limited";
		case wire.Standing.STANDING_LOCKED_FULL:
			return "full";
		case wire.Standing.STANDING_RELEASED:
			return "released";
		default:
			return "unbound";
	}
}

/** Everything that should be restricted; what is not in it should be open. */
export function postureOf({ standing, sealed, serviceOpen, neverRestricted }: PostureInput): Control[] {
	const column = columnOf(standing);
	return CONTROLS.filter((control) => {
		// F1, F2, even if a cell above were wrong.
		if ([...NEVER_RESTRICTED, ...neverRestricted].includes(control)) return false;
		if (TABLE[control].onlySealed && (!sealed || serviceOpen)) return false;
		return cellOf(control, column).value === "restricted";
	});
}

/** Controls as bits, for the ledger. Names that are none are left out. */
export function bitsOf(controls: readonly string[]): number {
	return CONTROLS.reduce((bits, control) => (controls.includes(control) ? bits | (1 << TABLE[control].number) : bits), 0);
}

/** The inverse of {@link bitsOf}. */
export function controlsOf(bits: number): Control[] {
	return CONTROLS.filter((control) => bits & (1 << TABLE[control].number));
}

/** The table in Markdown, in the borrower's words: "what this phone may do, and when". */
export function whatStillWorks(): string {
	const columns: readonly Column[] = ["unlocked", "grace", "limited", "full", "released"];
	const titles = ["", "paid", "past due", "limited", "full", "paid off"];
	const mark = (control: Control, column: Column) => {
		const { value, criticality } = cellOf(control, column);
		if (value === "open") return "works";
		return criticality === "must" ? "off" : "off where the phone allows it";
	};
	const lines = CONTROLS.map((control) => [labelOf(control), ...columns.map((column) => mark(control, column))]);
	return [titles, titles.map(() => "---"), ...lines].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}
