import type { FaultCode } from "./fault-codes.ts";
import type { ShellResult } from "./port.ts";

/** Longest answer that is looked at, in UTF-16 code units: rules search it, and a phone could send megabytes. */
const MAX_ANSWER = 64 * 1024;

/** One known text of a phone. */
export interface Rule {
	readonly code: FaultCode;
	/** Part of the text. */
	readonly text: string | RegExp;
	/**
	 * Method of DevicePolicyManagerService in the topmost of its stack frames. One message is thrown from many places there,
	 * and only the place tells which permission was missing.
	 */
	readonly thrower?: string;
}

/** Both streams of an answer as one text: which of them a message takes differs between versions of Android. */
export function answerText({ stdout, stderr }: ShellResult): string {
	return `${stdout.slice(0, MAX_ANSWER)}\n${stderr.slice(0, MAX_ANSWER)}`.replaceAll("\r", "");
}

/** Code of the first rule that fits. */
export function firstMatch(rules: readonly Rule[], text: string): FaultCode | undefined {
	return rules.find((rule) => fits(rule, text))?.code;
}

function fits({ text: wanted, thrower }: Rule, text: string): boolean {
	if (typeof wanted === "string" ? !text.includes(wanted) : !wanted.test(text)) return false;
	return thrower === undefined || throwerOf(text) === thrower;
}

function throwerOf(text: string): string | undefined {
	// Lambdas carry the method's name inside theirs (lambda$setActiveAdmin$3); the method's own frame follows below.
	return /at com\.android\.server\.devicepolicy\.DevicePolicyManagerService\.(?!lambda\$)(\w+)\(/.exec(text)?.[1];
}
