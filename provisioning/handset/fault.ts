import { FAULT_CATALOGUE } from "./fault-catalogue.ts";
import type { FaultCode, Fixer } from "./fault-codes.ts";
import { plainLine, plainText } from "./plain-text.ts";

/** Longest raw text that a fault keeps, in UTF-16 code units. Stack traces of `dpm` take about 2,000. */
export const MAX_RAW_LENGTH = 4096;
const MAX_DETAIL_LENGTH = 512;

/** An expected refusal: what happened, what it means for the phone in hand, what to do next. */
export interface Fault {
	readonly code: FaultCode;
	/** What it means for the phone in hand. */
	readonly meaning: string;
	/** One action, in plain words, first; a second sentence at most for when that did not help. */
	readonly remedy: string;
	readonly fixer: Fixer;
	/** Id of the picture that shows the remedy. */
	readonly picture?: string;
	/** What the phone or server said, for the evidence; never shown to an operator first. At most 4 KiB of plain text. */
	readonly raw?: string;
	/** Values that belong to this case, such as the two IMEIs that differ. Plain text. */
	readonly details?: Readonly<Record<string, string>>;
}

/** A {@link Fault} on its way up. */
export class FaultError extends Error {
	override readonly name = "FaultError";

	constructor(
		readonly fault: Fault,
		options?: { cause?: unknown },
	) {
		super(`${fault.code}: ${fault.meaning}`, options);
	}
}

export interface FaultExtra {
	readonly raw?: string;
	readonly details?: Readonly<Record<string, string>>;
}

/** A fault by its code, with the catalogue's words. Outside text in `extra` is bounded and stripped of control characters. */
export function fault(code: FaultCode, extra: FaultExtra = {}): Fault {
	const { meaning, remedy, fixer, picture } = FAULT_CATALOGUE[code];
	return {
		code,
		meaning,
		remedy,
		fixer,
		...(picture === undefined ? {} : { picture }),
		...(extra.raw === undefined ? {} : { raw: plainText(extra.raw, MAX_RAW_LENGTH) }),
		...(extra.details === undefined ? {} : { details: plainDetails(extra.details) }),
	};
}

/** The same, ready to be thrown. */
export function faultError(code: FaultCode, extra?: FaultExtra, options?: { cause?: unknown }): FaultError {
	return new FaultError(fault(code, extra), options);
}

/** Whether doing the same again, after a pause and with nobody touching the phone, may end otherwise. */
export function retryCanHelp(code: FaultCode): boolean {
	return FAULT_CATALOGUE[code].retryCanHelp;
}

function plainDetails(details: Readonly<Record<string, string>>): Record<string, string> {
	return Object.fromEntries(Object.entries(details).map(([name, value]) => [name, plainLine(value, MAX_DETAIL_LENGTH)]));
}
