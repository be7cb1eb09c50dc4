import type { ProgressEvent, StepEnd } from "../procedure/step.ts";

interface StepLines {
	show(event: ProgressEvent): void;
}

const MARKS: Record<StepEnd, string> = { already: "=", done: "+", postponed: "~", failed: "!" };
const WORDS: Record<StepEnd, string> = {
	already: "held already",
	done: "done",
	postponed: "left for later",
	failed: "failed",
};
const COLORS: Record<StepEnd, string> = {
	already: "\u001b[36m",
	done: "\u001b[32m",
	postponed: "\u001b[33m",
	failed: "\u001b[31m",
};
const RESET = "\u001b[0m";
const CLEAR_LINE = "\r\u001b[2K";

/**
 * Steps as lines: on a terminal the running step's line is redrawn as it goes, elsewhere each event is one plain line.
 * Never colour alone: the mark and the word say the same.
 */
export function stepLines({
	stderr,
	live,
	color,
}: {
	readonly stderr: { write(text: string): unknown; readonly columns?: number };
	readonly live: boolean;
	readonly color: boolean;
}): StepLines {
	let running = "";
	const draw = (suffix: string) => {
		const text = `  … ${running}${suffix}`;
		stderr.write(`${CLEAR_LINE}${text.slice(0, (stderr.columns || 80) - 1)}`);
	};
	const paint = (end: StepEnd, text: string) => (color ? `${COLORS[end]}${text}${RESET}` : text);
	return {
		show(event) {
			switch (event.type) {
				case "step-started":
					running = `${event.index + 1}/${event.count} ${event.title}`;
					if (live) draw("");
					return;
				case "step-note":
					if (live) draw(`: ${event.text}`);
					else stderr.write(`${event.step}: ${event.text}\n`);
					return;
				case "step-progress":
					if (live) draw(` ${Math.round(event.fraction * 100)} %`);
					return;
				case "step-ended": {
					const seconds = (event.milliseconds / 1000).toFixed(1);
					const code = event.fault ? ` ${event.fault.code}` : "";
					const text = `${MARKS[event.end]} ${running}: ${WORDS[event.end]}${code} (${seconds} s)`;
					stderr.write(`${live ? CLEAR_LINE : ""}  ${paint(event.end, text)}\n`);
					return;
				}
				case "finished":
					return;
			}
		},
	};
}
