import { createHash } from "node:crypto";

import { LedgerError } from "./ledger-error.ts";

/** Bytes of the chain's hash that each line carries: enough to find the first line that was changed. The signature has all of it. */
const SHOWN_BYTES = 16;
const ENDING = /^,"h":"([0-9a-f]{32})"\}$/;
const ENDING_LENGTH = `,"h":"${"0".repeat(2 * SHOWN_BYTES)}"}`.length;

/**
 * Links each line to all before it. The hash of a line is SHA-256 over the hash before and the line's text up to its own `h`, so that a
 * line that was changed, left out, put in or moved is named by its number.
 */
export class LedgerChain {
	#hash: Buffer = Buffer.alloc(32);
	#lines = 0;

	/** How many lines there were. */
	get lines(): number {
		return this.#lines;
	}

	/** Hash of all lines until now, hex. */
	get hash(): string {
		return this.#hash.toString("hex");
	}

	/** @param text JSON object without its closing brace. @returns the line, with its end. */
	write(text: string): string {
		this.#add(text);
		return `${text},"h":"${this.#shown()}"}\n`;
	}

	/** @returns the text that was given to `write`. @throws {LedgerError} DAMAGED. */
	read(line: string): string {
		const text = line.slice(0, -ENDING_LENGTH);
		const [, shown] = ENDING.exec(line.slice(-ENDING_LENGTH)) ?? [];
		this.#add(text);
		if (shown !== this.#shown())
			throw new LedgerError("DAMAGED", "this is not the line that was written after the one before it", this.#lines);
		return text;
	}

	#add(text: string): void {
		this.#hash = createHash("sha256").update(this.#hash).update(text, "utf8").digest();
		this.#lines += 1;
	}

	#shown(): string {
		return this.#hash.subarray(0, SHOWN_BYTES).toString("hex");
	}
}
