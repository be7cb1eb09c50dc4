import { encode } from "../../proto/codec.ts";
import { toHex } from "../../proto/crypto.ts";
import { nobleCrypto } from "../../proto/noble-crypto.ts";
import { wire } from "../../proto/wire.ts";
import { type Moment, momentOf } from "./moment.ts";
import type { Decided } from "./simulated-phone.ts";

/** Everything that the agent can restrict or promises not to, in the order of its table: agent/policy/posture.ts. */
export const CONTROLS = [
	"emergencyCall",
	"incomingCalls",
	"supportLine",
	"payApp",
	"internet",
	"messagesAndAlerts",
	"outgoingCalls",
	"cameraAndGallery",
	"otherApps",
	"lockTask",
	"settings",
	"statusBar",
	"factoryReset",
	"safeMode",
	"debugging",
	"addUser",
	"dateAndTime",
	"uninstallAgent",
] as const;
export type ControlName = (typeof CONTROLS)[number];

/** One row of "what still works". */
export interface WorksRow {
	readonly control: ControlName;
	readonly isOpen: boolean;
}

/** The posture that holds, row by row. */
export function worksRows(restricted: readonly string[]): WorksRow[] {
	return CONTROLS.map((control) => ({ control, isOpen: !restricted.includes(control) }));
}

/** Every decision so far, as moments, and the head of their chain: head(n) = SHA-256(head(n-1) || decision n). */
export function recordView(decided: readonly Decided[]): { moments: Moment[]; head: string } {
	let head: Uint8Array = new Uint8Array(32);
	for (const { decision } of decided) {
		const bytes = encode(wire.Decision, decision);
		const chained = new Uint8Array(32 + bytes.length);
		chained.set(head);
		chained.set(bytes, 32);
		head = nobleCrypto.sha256(chained);
	}
	return { moments: decided.map(momentOf), head: toHex(head) };
}
