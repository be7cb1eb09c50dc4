import { type Static, Type } from "typebox";

const Slots = Type.Array(Type.Integer({ minimum: 1, maximum: 1024 }), { minItems: 1, maxItems: 256, uniqueItems: true });
const Slot = Type.Integer({ minimum: 1, maximum: 1024 });
const Reason = Type.String({ minLength: 3, maxLength: 200 });
const ContractId = Type.String({ minLength: 1, maxLength: 64 });
/** A code from a badge: a secret, never logged and never sent back. */
const Badge = Type.String({ minLength: 6, maxLength: 128 });

/**
 * What a person asks of the station. `scan` is whatever the scanner read: a badge, or an IMEI from a box. Acts on several slots name the
 * slots and carry how many there are, as the person saw it: never "all".
 */
export const StationCommand = Type.Union([
	Type.Object({ type: Type.Literal("scan"), text: Type.String({ minLength: 1, maxLength: 200 }) }),
	Type.Object({ type: Type.Literal("sign-out") }),
	Type.Object({ type: Type.Literal("check-shift") }),
	Type.Object({ type: Type.Literal("clear-scan") }),
	Type.Object({ type: Type.Literal("start"), slots: Slots, count: Type.Integer() }),
	Type.Object({ type: Type.Literal("retry"), slots: Slots, count: Type.Integer() }),
	Type.Object({ type: Type.Literal("stop"), slots: Slots, count: Type.Integer() }),
	Type.Object({ type: Type.Literal("identify"), slot: Slot }),
	Type.Object({ type: Type.Literal("acknowledge"), slot: Slot }),
	Type.Object({ type: Type.Literal("hold"), contractId: ContractId, reason: Reason }),
	Type.Object({ type: Type.Literal("lift-hold"), contractId: ContractId, reason: Reason, badge: Badge }),
	Type.Object({ type: Type.Literal("type-imei"), imei: Type.String({ maxLength: 40 }), reason: Reason, badge: Badge }),
	Type.Object({ type: Type.Literal("clear-mismatch"), slot: Slot, reason: Reason, badge: Badge }),
	Type.Object({ type: Type.Literal("skip-shift-check"), reason: Reason, badge: Badge }),
	Type.Object({ type: Type.Literal("reprint"), contractId: ContractId, reason: Reason }),
	Type.Object({ type: Type.Literal("resend-webhooks") }),
	Type.Object({ type: Type.Literal("close-batch") }),
]);
export type StationCommand = Static<typeof StationCommand>;

/** What came of a command. A refusal says what to do instead. */
export type CommandAnswer =
	| { readonly ok: true; readonly text: string }
	| { readonly ok: false; readonly code: string; readonly text: string; readonly remedy: string };
