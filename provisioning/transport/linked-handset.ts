import { escapeArg } from "@yume-chan/adb";

import type { CallOptions, HandsetPort, ShellResult, TransferOptions } from "../handset/port.ts";
import type { ServiceLink, ServiceStream } from "./service-link.ts";
import { readShell, shellService, stdinEnd, stdinHeader } from "./shell-protocol.ts";
import { slices } from "./slices.ts";
import { sendFile } from "./sync-protocol.ts";
import { type Moved, type Terms, Visits } from "./visits.ts";

const DEFAULT_CALL_MS = 15_000;
/** An install waits for a dialog and for the compiler. */
const DEFAULT_TRANSFER_MS = 180_000;
const MAX_OUTPUT = 4 * 1024 * 1024;
/** An adb server takes 65,535 bytes with everything before it. Longer ones are a mistake of ours, not of the phone. */
const MAX_COMMAND_LINE = 65_000;

/** Under what name the transport knows the handset. */
export interface LinkName {
	readonly adbSerial: string;
	readonly usbPath?: string;
}

/**
 * A {@link HandsetPort} over any link. Here is what Tango and adb leave open: every call has a deadline that frees the link,
 * loses against its loss, and ends with its signal, also while the phone has not answered at all.
 */
export function linkedHandset(link: ServiceLink, { adbSerial, usbPath }: LinkName): HandsetPort {
	const visits = new Visits(link);

	const run = async (commandLine: string, stdin: Uint8Array | undefined, options: CallOptions): Promise<ShellResult> => {
		if (commandLine.length > MAX_COMMAND_LINE) throw new RangeError(`a command of ${commandLine.length} characters`);
		return await visits.visit(
			shellService(commandLine),
			{ deadlineMs: DEFAULT_CALL_MS, late: "LINK_STALLED", ...options },
			async (stream, moved) => {
				const result = readShell(stream.incoming, MAX_OUTPUT);
				feed(stream, stdin, moved).catch(() => {}); // a command that ended without reading it; its exit code tells
				return await result;
			},
		);
	};

	return {
		adbSerial,
		...(usbPath === undefined ? {} : { usbPath }),
		features: link.features,
		gone: visits.gone,
		shell: (args, { stdin, ...options } = {}) => run(args.map(escapeArg).join(" "), stdin, options),
		script: (text, { stdin, ...options } = {}) => run(text, stdin, options),
		push: (path, content, { mode = 0o644, onProgress, ...options } = {}) =>
			visits.visit("sync:", transfer(options), async (stream, moved) => {
				const file = { path, content, mode, mtimeUnixSeconds: Math.floor(Date.now() / 1000) };
				await sendFile(stream, file, (sent) => {
					moved(content.length - sent);
					onProgress?.(sent);
				});
			}),
		install: (apk, args, { onProgress, ...options } = {}) => {
			const command = ["cmd", "package", "install", ...args, "-S", String(apk.length)].map(escapeArg).join(" ");
			return visits.visit(shellService(command), transfer(options), async (stream, moved) => {
				const verdict = readShell(stream.incoming, MAX_OUTPUT);
				// A refusal in mid-stream breaks the writing. The verdict is the result, whatever became of the stream.
				feed(stream, apk, moved, onProgress).catch(() => {});
				return await verdict;
			});
		},
		async close() {
			visits.lose("USB_LOST");
		},
	};
}

function transfer(options: TransferOptions): Terms {
	return { deadlineMs: DEFAULT_TRANSFER_MS, late: "TRANSFER_STALLED", ...options };
}

/** Writes standard input and its end. */
async function feed(stream: ServiceStream, content: Uint8Array | undefined, moved: Moved, onProgress?: (sent: number) => void) {
	let sent = 0;
	for (const slice of content ? slices(content) : []) {
		await stream.write(stdinHeader(slice.length), slice);
		sent += slice.length;
		moved((content?.length ?? 0) - sent);
		onProgress?.(sent);
	}
	await stream.write(stdinEnd());
}
