import type { Selectable } from "kysely";

import { decode } from "../../../proto/codec.ts";
import { wire } from "../../../proto/wire.ts";
import type { Enrollment } from "../api.ts";
import type { CheckInsTable, EnrollmentRow, EnrollmentStateColumn } from "../database/schema.ts";

/** Names of a phone's standings outside. */
export const STANDINGS: Readonly<Record<number, string>> = {
	[wire.Standing.STANDING_UNBOUND]: "unbound",
	[wire.Standing.STANDING_UNLOCKED]: "unlocked",
	[wire.Standing.STANDING_GRACE]: "grace",
	[wire.Standing.STANDING_LOCKED_LIMITED]: "locked_limited",
	[wire.Standing.STANDING_LOCKED_FULL]: "locked_full",
	[wire.Standing.STANDING_RELEASED]: "released",
};

/** Names of what locks a phone. */
export const CAUSES: Readonly<Record<number, string>> = {
	[wire.LockCause.LOCK_CAUSE_OVERDUE]: "overdue",
	[wire.LockCause.LOCK_CAUSE_OFFLINE]: "offline",
	[wire.LockCause.LOCK_CAUSE_ORDERED]: "ordered",
	[wire.LockCause.LOCK_CAUSE_OBSERVED]: "observed",
};

/** An enrolment's name outside: its device and the attempt, so that it leads to the device's rows by itself. */
export function enrollmentIdOf({ device_id, attempt }: Pick<EnrollmentRow, "device_id" | "attempt">): string {
	return `${device_id}-${attempt}`;
}

export function parseEnrollmentId(text: string): { deviceId: string; attempt: number } | undefined {
	const [, deviceId, attempt] = /^([0-9a-f]{32})-([1-9]\d{0,8})$/.exec(text) ?? [];
	return deviceId === undefined || attempt === undefined ? undefined : { deviceId, attempt: Number(attempt) };
}

/** Where an enrolment stands, and what the phone last said. A withdrawn one reads as offered: it never was more. */
export function enrollmentJson(row: EnrollmentRow, checkIn?: Selectable<CheckInsTable>): Enrollment {
	const reported = checkIn?.status ? decode(wire.DeviceStatus, checkIn.status) : undefined;
	const standing = reported && STANDINGS[reported.standing];
	return {
		enrollmentId: enrollmentIdOf(row),
		deviceId: row.device_id,
		contractId: row.contract_id,
		imei1: row.imei1,
		...(row.imei2 === null ? {} : { imei2: row.imei2 }),
		serial: row.serial,
		model: row.model,
		state: row.state === "withdrawn" ? "offered" : row.state,
		bindingSha256: Buffer.from(row.binding_sha256).toString("hex"),
		...(row.receipt === null ? {} : { deviceKeyId: signerOf(row.receipt) }),
		...(standing === undefined ? {} : { standing }),
		...(reported === undefined ? {} : { lockCauses: reported.causes.flatMap((cause) => CAUSES[cause] ?? []) }),
		...(checkIn?.at == null ? {} : { lastCheckInUnixSeconds: checkIn.at }),
		...(checkIn?.agent_version == null ? {} : { agentVersion: checkIn.agent_version }),
	};
}

/** Who signed a receipt. It was accepted by that very key, so its id is more than a hint here. */
function signerOf(receiptEnvelope: Uint8Array): string {
	return decode(wire.Envelope, receiptEnvelope).signatures[0]?.keyid ?? "";
}

const FORWARD: readonly EnrollmentStateColumn[] = ["offered", "confirmed", "contacted", "sealed", "released"];

/** An enrolment only moves forward: the later of two states. */
export function laterState(a: EnrollmentStateColumn, b: EnrollmentStateColumn): EnrollmentStateColumn {
	return FORWARD.indexOf(a) >= FORWARD.indexOf(b) ? a : b;
}

/** The state that a check-in proves. */
export function stateProvenBy(status: { standing: wire.Standing; sealed: boolean }): EnrollmentStateColumn {
	if (status.standing === wire.Standing.STANDING_RELEASED) return "released";
	return status.sealed ? "sealed" : "contacted";
}
