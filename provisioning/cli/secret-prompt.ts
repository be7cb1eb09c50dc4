import { readFile } from "node:fs/promises";
import { createInterface } from "node:readline/promises";

import type { CommandContext } from "./context.ts";
import { UsageError } from "./usage-error.ts";

/**
 * Gets a passphrase: from a file that is named, from the terminal without echo, never from a flag or the environment,
 * where other processes can read it.
 */
export async function askPassphrase(context: CommandContext, question: string, file: string | undefined): Promise<string> {
	if (file !== undefined) {
		const text = await readFile(file, "utf8").catch((cause: unknown) => {
			throw new UsageError(`--passphrase-file ${file}: cannot be read`, {
				cause,
			});
		});
		return text.replace(/\r?\n$/, "");
	}
	if (!context.mayAsk) throw new UsageError("a passphrase is needed: give --passphrase-file FILE, or run this on a terminal");
	return readHidden(question);
}

/** Asks for a line that is no secret. */
export async function askLine(context: CommandContext, question: string, missing: string): Promise<string> {
	if (!context.mayAsk) throw new UsageError(missing);
	const reader = createInterface({ input: process.stdin, output: process.stderr });
	try {
		return await reader.question(`${question}: `, { signal: context.signal });
	} finally {
		reader.close();
	}
}

function readHidden(question: string): Promise<string> {
	const { stdin, stderr } = process;
	stderr.write(`${question}: `);
	stdin.setRawMode(true);
	stdin.resume();
	return new Promise((resolve, reject) => {
		let typed = "";
		const end = () => {
			stdin.off("data", onData);
			stdin.setRawMode(false);
			stdin.pause();
			stderr.write("\n");
		};
		const onData = (data: Buffer) => {
			for (const key of data.toString("utf8")) {
				if (key === "\r" || key === "\n") {
					end();
					return resolve(typed);
				}
				if (key === "\u0003") {
					end();
					return reject(new UsageError("cancelled"));
				}
				typed = key === "\u007f" ? typed.slice(0, -1) : typed + key;
			}
		};
		stdin.on("data", onData);
	});
}
