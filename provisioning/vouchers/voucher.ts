import { type Imei, imeiTail } from "../../proto/imei.ts";
import { type FaultError, faultError } from "../handset/fault.ts";
import { imeisOf } from "../procedure/identity.ts";
import type { HandsetIdentity } from "../procedure/registry-port.ts";

/** A voucher is not used in its last hour: the phone must have taken it before it ends. Milliseconds. */
export const VOUCHER_MARGIN_MS = 3600_000;
/** How far two honest clocks may differ. Milliseconds. */
const CLOCK_SLACK_MS = 5 * 60_000;

/** An offer of the registry, fetched ahead for one phone. What it gives the phone lies where it is kept, and there alone. */
export interface Voucher {
	readonly contractId: string;
	/** The only phone it is for. */
	readonly handset: HandsetIdentity;
	readonly enrollmentId: string;
	/** By the registry's clock. */
	readonly issuedAtMs: number;
	readonly expiresAtMs: number;
	/** It was handed out once: a phone may be bound with it, and the registry may not have heard of that. */
	readonly used: boolean;
}

/** One phone as a list or a box names it, and the contract that it is for. */
export interface VoucherUnit {
	readonly contractId: string;
	/** IMEIs on the box, one or two. Either slot of the phone may hold either. */
	readonly imeis: readonly [Imei, ...Imei[]];
	/** Serial number on the box. */
	readonly serial?: string;
	readonly model?: string;
}

/** Why no voucher can be made for a unit: a binding names the serial number and every IMEI of its phone. */
export type VoucherObstacle = "no serial number" | "second IMEI not told";

/**
 * The phone that a unit tells of, if it tells enough. One IMEI alone is never enough: a phone with two would be refused with
 * a binding that names one, and the contract would be bound to a phone that does not exist.
 */
export function handsetOf({ imeis, serial, model }: VoucherUnit): HandsetIdentity | VoucherObstacle {
	const [imei1, imei2] = imeis;
	if (serial === undefined || serial === "") return "no serial number";
	if (imei2 === undefined) return "second IMEI not told";
	return { imei1, imei2, serial, model: model ?? "" };
}

/** The same phone: serial number and every IMEI, whichever slot comes first. */
export function isSameHandset(a: HandsetIdentity, b: HandsetIdentity): boolean {
	const [ofA, ofB] = [imeisOf(a), imeisOf(b)];
	return a.serial === b.serial && ofA.length === ofB.length && ofA.every((imei) => ofB.includes(imei));
}

/**
 * Whether this computer's clock is earlier than the registry's was when it made a voucher. A clock that is too late is not seen
 * here: it lets vouchers expire too early, which harms nobody.
 */
export function isClockWrong(vouchers: Iterable<Voucher>, nowMs: number): boolean {
	for (const { issuedAtMs } of vouchers) if (issuedAtMs > nowMs + CLOCK_SLACK_MS) return true;
	return false;
}

/** How many of these can still be used for a phone that has none yet, and when the first of those ends. */
export function figuresOf(vouchers: Iterable<Voucher>, nowMs: number): { readonly left: number; readonly expiresAtMs?: number } {
	const all = [...vouchers];
	const isGood = ({ used, expiresAtMs }: Voucher) => !used && expiresAtMs - nowMs >= VOUCHER_MARGIN_MS;
	const left = isClockWrong(all, nowMs) ? [] : all.filter(isGood);
	const expiresAtMs = left.reduce((first, voucher) => Math.min(first, voucher.expiresAtMs), Number.POSITIVE_INFINITY);
	return { left: left.length, ...(left.length > 0 ? { expiresAtMs } : {}) };
}

/** Why a voucher cannot be used for a phone, as a fault; `undefined` if it can. */
export function voucherProblem(
	voucher: Voucher | undefined,
	contractId: string,
	handset: HandsetIdentity,
	nowMs: number,
): FaultError | undefined {
	const contract = { contract: contractId };
	if (!voucher) return faultError("VOUCHER_MISSING", { details: contract });
	if (!isSameHandset(voucher.handset, handset)) {
		const details = { ...contract, "voucher for": shown(voucher.handset), found: shown(handset) };
		return faultError("VOUCHER_MISSING", { details });
	}
	if (voucher.expiresAtMs - nowMs < VOUCHER_MARGIN_MS) {
		const details = { ...contract, "expires at": new Date(voucher.expiresAtMs).toISOString() };
		return faultError("VOUCHER_EXPIRED", { details });
	}
	return undefined;
}

const shown = (handset: HandsetIdentity) => `${handset.serial}, IMEI …${imeisOf(handset).map(imeiTail).join(", …")}`;
