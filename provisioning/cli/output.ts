import type { Fault } from "../handset/fault.ts";
import type { ProgressEvent } from "../procedure/step.ts";
import { stepLines } from "./step-lines.ts";

/** text: for people. json: one document at the end. stream: one JSON line per event, the last one is the result. */
export type OutputMode = "text" | "json" | "stream";

/** Version of every JSON document and line that the command line prints; grows when a field changes its meaning. */
const SCHEMA = 1;

/** Where a command says things: data on standard output, talk on standard error. */
export interface Output {
	readonly mode: OutputMode;
	/** Something that happens, for whoever watches. */
	event(event: ProgressEvent): void;
	/** A line of its own for programs that read the stream; nothing in the other modes. */
	line(value: Readonly<Record<string, unknown>>): void;
	/** One sentence that is not part of the result. */
	note(text: string): void;
	/** The result. `text` is what a person reads; `data` what a program does. */
	result(data: Readonly<Record<string, unknown>>, text: readonly string[]): void;
	/** Why it failed: what happened, what it means for the phone in hand, what to do next. */
	fault(fault: Fault): void;
}

export interface Streams {
	readonly stdout: { write(text: string): unknown };
	readonly stderr: {
		write(text: string): unknown;
		readonly isTTY?: boolean;
		readonly columns?: number;
	};
	readonly color: boolean;
}

export function createOutput(mode: OutputMode, { stdout, stderr, color }: Streams): Output {
	const line = (value: unknown) => stdout.write(`${JSON.stringify(value)}\n`);
	const steps = stepLines({
		stderr,
		live: stderr.isTTY === true && mode === "text",
		color,
	});
	return {
		mode,
		event(event) {
			if (mode === "stream") line({ schema: SCHEMA, ...event });
			else steps.show(event);
		},
		line(value) {
			if (mode === "stream") line({ schema: SCHEMA, ...value });
		},
		note(text) {
			if (mode === "stream") line({ schema: SCHEMA, type: "note", text });
			else stderr.write(`${text}\n`);
		},
		result(data, text) {
			if (mode === "text") for (const each of text) stdout.write(`${each}\n`);
			else line(mode === "stream" ? { schema: SCHEMA, type: "result", ...data } : { schema: SCHEMA, ...data });
		},
		fault(fault) {
			if (mode === "stream")
				line({
					schema: SCHEMA,
					type: "result",
					ok: false,
					fault: jsonOf(fault),
				});
			else if (mode === "json") line({ schema: SCHEMA, ok: false, fault: jsonOf(fault) });
			if (mode !== "text") return;
			stderr.write(`${fault.code}: ${fault.meaning}\n`);
			for (const [name, value] of Object.entries(fault.details ?? {})) stderr.write(`  ${name}: ${value}\n`);
			stderr.write(`Next: ${fault.remedy}\n`);
		},
	};
}

/** A fault as programs read it. The raw text stays in the evidence; it is here only as far as it helps. */
export function jsonOf(fault: Fault): Record<string, unknown> {
	return {
		code: fault.code,
		meaning: fault.meaning,
		remedy: fault.remedy,
		fixer: fault.fixer,
		...(fault.picture === undefined ? {} : { picture: fault.picture }),
		...(fault.details === undefined ? {} : { details: fault.details }),
		...(fault.raw === undefined ? {} : { raw: fault.raw.slice(0, 400) }),
	};
}
