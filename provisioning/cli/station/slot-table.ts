import type { SlotView, SlotWord, StationView } from "../../station/view.ts";

/** Two letters, a word and a colour for each state: never colour alone. */
const LOOKS: Readonly<Record<SlotWord, { readonly mark: string; readonly word: string; readonly color: string }>> = {
	empty: { mark: "·", word: "", color: "\u001b[2m" },
	detected: { mark: "?", word: "reading", color: "\u001b[36m" },
	unauthorised: { mark: "!", word: "ALLOW", color: "\u001b[33m" },
	"preflight-fail": { mark: "!", word: "CHECK", color: "\u001b[33m" },
	ready: { mark: "-", word: "ready", color: "\u001b[36m" },
	running: { mark: ">", word: "", color: "\u001b[34m" },
	verify: { mark: ">", word: "", color: "\u001b[34m" },
	pass: { mark: "+", word: "PASS", color: "\u001b[32m" },
	queued: { mark: "~", word: "QUEUED", color: "\u001b[36m" },
	fail: { mark: "x", word: "FAIL", color: "\u001b[31m" },
	error: { mark: "x", word: "ERROR", color: "\u001b[33m" },
	hold: { mark: "H", word: "HOLD", color: "\u001b[35m" },
	"remove-me": { mark: "+", word: "TAKE OUT", color: "\u001b[32m" },
};
const RESET = "\u001b[0m";
const CELL = 26;
const MOST_PINNED = 5;

/** How wide and how plain. */
export interface TableLook {
	/** Characters in a line. */
	readonly columns: number;
	readonly color: boolean;
}

/** The station as lines for a terminal: what is wrong at the top and at the bottom, the slots between. */
export function slotTable(view: StationView, { columns, color }: TableLook): string[] {
	const paint = (code: string, text: string) => (color ? `${code}${text}${RESET}` : text);
	const across = Math.max(1, Math.floor(columns / CELL));
	const rows = Math.ceil(view.slots.length / across);
	const grid = Array.from({ length: rows }, (_, row) =>
		Array.from({ length: across }, (_, column) => view.slots[column * rows + row])
			.filter((slot) => slot !== undefined)
			.map((slot) => paint(LOOKS[slot.word].color, cell(slot, view.nowMs).padEnd(CELL)))
			.join(""),
	);
	const alarm = (text: string) => paint("\u001b[1;37;41m", ` ${text} `);
	return [
		headline(view),
		...(view.down ? [alarm(`${view.down.code}: ${view.down.meaning} ${view.down.remedy}`)] : []),
		...(view.stop ? [alarm(`STOP${view.stop.slot === undefined ? "" : `, slot ${view.stop.slot}`}: ${view.stop.text}`)] : []),
		...(view.scan ? [`Box …${view.scan.imeiTail} is scanned: plug its phone in.`] : []),
		"",
		...grid,
		"",
		...pins(view),
	].map((line) => (color ? line : line.slice(0, columns)));
}

function headline({ batch, shift, registry, adbServer, station }: StationView): string {
	const { figures } = batch;
	const parts = [
		`${station}  batch ${batch.id}`,
		`${figures.pass}/${figures.expected} passed`,
		...(figures.queued > 0 ? [`${figures.queued} queued`] : []),
		...(figures.failed > 0 ? [`${figures.failed} failed`] : []),
		...(figures.held > 0 ? [`${figures.held} held`] : []),
		...(figures.unitsPerHour === null ? [] : [`${Math.round(figures.unitsPerHour)}/h`]),
		...(figures.firstPassYield === null ? [] : [`first pass ${Math.round(100 * figures.firstPassYield)} %`]),
		shift ? shift.operator : "nobody signed in",
		...(registry.state === "down" ? [`REGISTRY DOWN, ${registry.vouchers.left} vouchers`] : []),
		...(adbServer === "down" ? ["ADB SERVER DOWN"] : []),
	];
	return parts.join("  ");
}

/** `12 > 4/9 install …4821 0:42` */
function cell({ slot, word, step, imeiTail, sinceMs, endedAtMs, locked }: SlotView, nowMs: number): string {
	const { mark, word: said } = LOOKS[word];
	const what = locked ? "LOCKED" : step && said === "" ? `${step.number}/${step.count} ${step.name}` : said;
	const since = word === "empty" || sinceMs === undefined ? "" : elapsed((endedAtMs ?? nowMs) - sinceMs);
	const parts = [
		String(slot).padStart(3),
		mark,
		what,
		imeiTail === undefined ? "" : `…${imeiTail}`,
		endedAtMs === undefined ? since : "",
	];
	return parts
		.filter((part) => part !== "")
		.join(" ")
		.slice(0, CELL - 1);
}

function elapsed(milliseconds: number): string {
	const seconds = Math.max(0, Math.floor(milliseconds / 1000));
	return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

function pins({ pinned }: StationView): string[] {
	const shown = pinned
		.slice(0, MOST_PINNED)
		.flatMap(({ slot, imeiTail, fault }) => [
			`slot ${slot}${imeiTail === undefined ? "" : ` …${imeiTail}`}  ${fault.code}: ${fault.meaning}`,
			`      Next: ${fault.remedy}`,
		]);
	const left = pinned.length - MOST_PINNED;
	return left > 0 ? [...shown, `and ${left} more`] : shown;
}
