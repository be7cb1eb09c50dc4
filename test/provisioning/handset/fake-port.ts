import type { HandsetPort, ShellResult } from "../../../provisioning/handset/port.ts";

/** What a test answers to one command. */
export type Answer = (args: readonly string[], stdin: Uint8Array | undefined) => string | Partial<ShellResult> | undefined;

/**
 * A port whose commands a test answers. What it does not answer ends with 127.
 *
 * @param scripts `whole`: a script is one command, `sh -c` and its text. `sections`: each command of a script of sections is one.
 */
export function fakePort(
	answer: Answer,
	scripts: "whole" | "sections" = "whole",
): HandsetPort & { readonly calls: string[]; readonly installs: Uint8Array[] } {
	const calls: string[] = [];
	const installs: Uint8Array[] = [];
	const run = (args: readonly string[], stdin?: Uint8Array): ShellResult => {
		calls.push(args.join(" "));
		const given = answer(args, stdin) ?? { stderr: `/system/bin/sh: ${args[0]}: inaccessible or not found`, exitCode: 127 };
		return { stdout: "", stderr: "", exitCode: 0, ...(typeof given === "string" ? { stdout: given } : given) };
	};
	return {
		adbSerial: "FAKE",
		calls,
		installs,
		gone: new Promise(() => {}),
		shell: async (args, options) => run(args, options?.stdin),
		script: async (text, options) => (scripts === "sections" ? sectionsOf(text, run) : run(["sh", "-c", text], options?.stdin)),
		push: async () => {},
		install: async (apk, args) => {
			installs.push(apk);
			return run(["cmd", "package", "install", ...args]);
		},
		close: async () => {},
	};
}

/** Runs a script of sections that has no other commands, one after the other. */
function sectionsOf(script: string, run: (args: readonly string[]) => ShellResult): ShellResult {
	const commands = [...script.matchAll(/^s (\w+) (.+)$/gm)].map(([, name = "", words = ""]) => {
		const { stdout, stderr, exitCode } = run(words.split(" ").map((word) => word.replace(/^'(.*)'$/, "$1")));
		return `\nfake-mark < ${name}\n${stdout}${stderr}\nfake-mark > ${exitCode}\n`;
	});
	return { stdout: `sections fake-mark\n${commands.join("")}`, stderr: "", exitCode: 0 };
}
