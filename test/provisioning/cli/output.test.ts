import { describe, expect, test } from "vitest";

import { createOutput, type OutputMode } from "../../../provisioning/cli/output.ts";
import { fault } from "../../../provisioning/handset/fault.ts";

function captured(mode: OutputMode, isTTY = false) {
	const written = { out: "", err: "" };
	const output = createOutput(mode, {
		stdout: { write: (text: string) => (written.out += text) },
		stderr: { write: (text: string) => (written.err += text), isTTY, columns: 80 },
		color: false,
	});
	return { output, written };
}

const started = { type: "step-started", step: "own", title: "Make the agent device owner", index: 3, count: 9 } as const;
const ended = { type: "step-ended", step: "own", end: "done", milliseconds: 1234 } as const;

describe("the command line's output", () => {
	test("is one document with --json, talk goes to standard error", () => {
		const { output, written } = captured("json");
		output.event(started);
		output.event(ended);
		output.note("by the way");
		output.result({ ok: true }, ["Done."]);
		expect(JSON.parse(written.out)).toEqual({ schema: 1, ok: true });
		expect(written.err).toContain("by the way");
	});

	test("is a line per event with --json=stream, the last one the result", () => {
		const { output, written } = captured("stream");
		output.event(started);
		output.result({ ok: true }, []);
		const lines = written.out
			.trim()
			.split("\n")
			.map((line) => JSON.parse(line));
		expect(lines.map(({ type }) => type)).toEqual(["step-started", "result"]);
		expect(written.err).toBe("");
	});

	test("has no escape sequences where nobody looks at a terminal", () => {
		const { output, written } = captured("text");
		output.event(started);
		output.event(ended);
		expect(written.err).not.toContain("\u001b");
		expect(written.err).toContain("4/9 Make the agent device owner: done (1.2 s)");
	});

	test("says a fault's code, meaning, details and next action", () => {
		const { output, written } = captured("text");
		const low = fault("BATTERY_LOW", { details: { battery: "3 %" } });
		output.fault(low);
		expect(written.err).toContain(`BATTERY_LOW: ${low.meaning}`);
		expect(written.err).toContain("battery: 3 %");
		expect(written.err).toContain(`Next: ${low.remedy}`);
	});

	test("gives a program the same fault with code and remedy", () => {
		const { output, written } = captured("json");
		output.fault(fault("USB_LOST"));
		expect(JSON.parse(written.out)).toMatchObject({ ok: false, fault: { code: "USB_LOST", remedy: fault("USB_LOST").remedy } });
	});
});
