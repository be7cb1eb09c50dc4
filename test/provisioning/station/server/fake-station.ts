import { type FaultExtra, fault } from "../../../../provisioning/handset/fault.ts";
import type { FaultCode } from "../../../../provisioning/handset/fault-codes.ts";
import type { CommandAnswer, StationCommand } from "../../../../provisioning/station/command.ts";
import type { BatchFigures } from "../../../../provisioning/station/journal/batch-state.ts";
import type { ShiftCheck } from "../../../../provisioning/station/journal/entry.ts";
import type { Station } from "../../../../provisioning/station/station.ts";
import type { Signal, SlotView, SlotWord, StationView } from "../../../../provisioning/station/view.ts";

export const OPERATOR_BADGE = "OP-7781-AXQ2";
export const SUPERVISOR_BADGE = "SV-0042-KKZ9";
export const NOW_MS = Date.UTC(2026, 2, 14, 9, 30);

/** A station in memory that does what a test tells it, and notes what it was asked. */
export interface FakeStation extends Station {
	readonly commands: readonly StationCommand[];
	change(part: Partial<StationView>, gone?: readonly (keyof StationView)[]): void;
	slot(number: number, part: Partial<SlotView> & { readonly word: SlotWord }): void;
	signal(kind: Signal["kind"], text: string, slot?: number): void;
	/** What the next commands are answered; `undefined`: what the fake thinks of them. */
	answerWith(answer: (() => Promise<CommandAnswer>) | undefined): void;
}

export const CHECKS: readonly ShiftCheck[] = [
	{ name: "printer", ok: true, detail: "ZD421 at 10.0.4.20 answers." },
	{ name: "clock", ok: true, detail: "0.2 s from the registry's." },
	{ name: "registry", ok: true, detail: "Answers in 41 ms." },
	{ name: "disk", ok: true, detail: "212 GB free." },
	{ name: "adb-server", ok: true, detail: "Version 41." },
	{ name: "apk", ok: true, detail: "1.4.0, signed by the lender." },
];

export const FIGURES: BatchFigures = {
	...{ expected: 480, pass: 312, queued: 6, failed: 9, held: 2, running: 14, missing: 137 },
	firstPassYield: 0.964,
	unitsPerHour: 118,
	topFaults: [
		{ code: "XIAOMI_SECURITY_TOGGLE_OFF", count: 7 },
		{ code: "USB_LOST", count: 5 },
		{ code: "DPM_ACCOUNTS_PRESENT", count: 4 },
		{ code: "BATTERY_LOW", count: 2 },
		{ code: "IMEI_MISMATCH", count: 1 },
	],
	slots: [],
	misScans: 3,
	medianRunMs: 74_000,
};

export function emptySlot(slot: number): SlotView {
	return {
		slot,
		usbPath: `${1 + Math.floor((slot - 1) / 32)}-${1 + (Math.floor((slot - 1) / 8) % 4)}.${1 + ((slot - 1) % 8)}`,
		word: "empty",
		cable: { plugs: 0, drops: 0, score: 0 },
	};
}

export function viewOf(slots: number): StationView {
	const cards = Array.from({ length: slots }, (_, index) => emptySlot(index + 1));
	return {
		revision: 1,
		nowMs: NOW_MS,
		station: "BLR-A-ENR-01",
		tool: "holdfast 0.1.0",
		adbServer: "up",
		registry: {
			state: "up",
			sinceMs: NOW_MS - 3_600_000,
			vouchers: { left: 137, of: 480, expiresAtMs: NOW_MS + 6 * 3_600_000 },
			queuedReceipts: 0,
		},
		webhooks: { waiting: 0, failed: 0, stopped: false },
		shift: { operator: "Asha R.", startedAtMs: NOW_MS - 1_800_000, checks: CHECKS },
		batch: {
			...{ id: "PO-2026-0314", match: "scan" as const, seal: true },
			figures: {
				...FIGURES,
				slots: cards.map(({ slot }) => ({ slot, runs: 6, passes: slot % 9 === 4 ? 4 : 6, yield: slot % 9 === 4 ? 4 / 6 : 1 })),
			},
			head: { n: 4211, hash: "9f2c41aa07d3".padEnd(64, "0") },
		},
		slots: cards,
		pinned: [],
	};
}

/** The view with every word on some card. */
export function busyView(slots: number): StationView {
	const words: SlotWord[] = [
		"pass",
		"running",
		"running",
		"verify",
		"pass",
		"ready",
		"running",
		"fail",
		"detected",
		"running",
		"unauthorised",
		"pass",
		"queued",
		"error",
		"running",
		"remove-me",
		"hold",
		"preflight-fail",
		"running",
		"empty",
	];
	const view = viewOf(slots);
	const cards = view.slots.map((card, index): SlotView => busyCard(card, words[index % words.length] ?? "empty"));
	const pinned = cards.flatMap((card) =>
		card.fault
			? [
					{
						slot: card.slot,
						atMs: NOW_MS - card.slot * 9_000,
						fault: card.fault,
						...(card.imeiTail ? { imeiTail: card.imeiTail } : {}),
						contractId: `C-${1000 + card.slot}`,
					},
				]
			: [],
	);
	return { ...view, slots: cards, pinned: pinned.slice(0, 5) };
}

function busyCard(card: SlotView, word: SlotWord): SlotView {
	if (word === "empty") return card;
	const { slot } = card;
	const step = {
		name: "install",
		title: "Install the agent",
		number: 3,
		count: 8,
		fraction: 0.62,
		note: "Keep the phone's screen on; tap Install if it asks.",
	};
	const codes: Partial<Record<SlotWord, [FaultCode, FaultExtra?]>> = {
		fail: ["XIAOMI_SECURITY_TOGGLE_OFF"],
		error: ["USB_LOST"],
		"preflight-fail": ["BATTERY_LOW", { details: { battery: "11 %", limit: "30 %" } }],
		unauthorised: ["ADB_UNAUTHORIZED"],
	};
	const [code, extra] = codes[word] ?? [];
	return {
		...card,
		word,
		...(word === "detected" || word === "unauthorised"
			? {}
			: { imeiTail: String(1000 + ((slot * 7919) % 9000)), contractId: `C-${1000 + slot}`, model: "Redmi Note 13" }),
		...(word === "running"
			? { step }
			: word === "verify"
				? { step: { name: "heartbeat", title: "Wait for the first check-in", number: 8, count: 8 } }
				: {}),
		sinceMs: NOW_MS - 4_000 - slot * 1_700,
		...(["pass", "fail", "error", "queued", "remove-me"].includes(word) ? { endedAtMs: NOW_MS - slot * 300 } : {}),
		batteryPercent: 20 + ((slot * 37) % 80),
		linkSpeed: slot % 5 === 0 ? "12 Mbit/s" : "480 Mbit/s",
		...(code ? { fault: fault(code, extra) } : {}),
		cable: { plugs: 12 + slot, drops: slot % 7 === 0 ? 3 : 0, score: slot % 7 === 0 ? 12 : 0 },
	};
}

export function createFakeStation(first: StationView = viewOf(8)): FakeStation {
	let view = first;
	let signalId = 0;
	let answer: (() => Promise<CommandAnswer>) | undefined;
	const listeners = new Set<() => void>();
	const commands: StationCommand[] = [];
	const station: FakeStation = {
		commands,
		view: () => view,
		onChange(listener) {
			listeners.add(listener);
			return () => void listeners.delete(listener);
		},
		change(part, gone = []) {
			view = { ...view, ...part, revision: view.revision + 1, nowMs: part.nowMs ?? view.nowMs + 250 };
			for (const name of gone) Reflect.deleteProperty(view, name);
			for (const listener of listeners) listener();
		},
		slot(number, part) {
			station.change({ slots: view.slots.map((slot) => (slot.slot === number ? { ...emptySlot(number), ...part } : slot)) });
		},
		signal(kind, text, slot) {
			signalId += 1;
			station.change({ signal: { id: signalId, kind, text, ...(slot === undefined ? {} : { slot }) } });
		},
		answerWith(next) {
			answer = next;
		},
		async perform(command) {
			commands.push(command);
			return answer ? answer() : perform(station, command);
		},
		async close() {},
	};
	return station;
}

const done = (text: string): CommandAnswer => ({ ok: true, text });
const NOT_A_BADGE: CommandAnswer = {
	ok: false,
	code: "BADGE_REFUSED",
	text: "This is not a supervisor's badge.",
	remedy: "Ask a supervisor to scan theirs.",
};

function perform(station: FakeStation, command: StationCommand): CommandAnswer {
	const view = station.view();
	if ("badge" in command && command.badge !== SUPERVISOR_BADGE) return NOT_A_BADGE;
	switch (command.type) {
		case "scan":
			return scan(station, command.text);
		case "sign-out":
			station.change({}, ["shift"]);
			return done("Signed out.");
		case "skip-shift-check":
			station.change({ shift: { operator: "Asha R.", startedAtMs: view.nowMs, checks: CHECKS } });
			return done("The shift check was skipped.");
		case "clear-mismatch":
			station.change({ slots: view.slots.map(({ locked: _locked, ...slot }) => slot) }, ["stop", "scan"]);
			return done(`Slot ${command.slot} is clear.`);
		case "clear-scan":
			station.change({}, ["scan"]);
			return done("The scan was forgotten.");
		case "acknowledge":
			station.change({ pinned: view.pinned.filter(({ slot }) => slot !== command.slot) });
			return done("Seen to.");
		case "close-batch":
			station.change({ batch: { ...view.batch, closed: true } });
			return done("The batch is closed.");
		default:
			return done("Done.");
	}
}

function scan(station: FakeStation, text: string): CommandAnswer {
	const view = station.view();
	if (text === OPERATOR_BADGE) {
		station.change({ shift: { operator: "Asha R.", startedAtMs: view.nowMs, checks: CHECKS } });
		station.signal("ok", "Asha R. signed in.");
		return done("Asha R. signed in.");
	}
	if (/^\d{15}$/.test(text)) {
		station.change({ scan: { contractId: "C-1001", imeiTail: text.slice(-4), atMs: view.nowMs } });
		station.signal("ok", `Box …${text.slice(-4)} scanned. Plug its phone in.`);
		return done("Plug its phone in.");
	}
	station.signal("operator", "That is not a code of this batch.");
	return { ok: false, code: "NOT_A_CODE", text: "That is not a code of this batch.", remedy: "Scan the IMEI on the box." };
}
