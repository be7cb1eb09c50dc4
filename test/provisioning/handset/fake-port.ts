import type { HandsetPort, ShellResult } from "../../../provisioning/handset/port.ts";

/** What a test answers to one command. */
export type Answer = (args: readonly string[], stdin: Uint8Array | undefined) => string | Partial<ShellResult> | undefined;

/** A port whose commands a test answers. What it does not answer ends with 127. */
export function fakePort(answer: Answer): HandsetPort & { readonly calls: string[]; readonly installs: Uint8Array[] } {
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
		script: async (text, options) => run(["sh", "-c", text], options?.stdin),
		push: async () => {},
		install: async (apk, args) => {
			installs.push(apk);
			return run(["cmd", "package", "install", ...args]);
		},
		close: async () => {},
	};
}
