import { escapeArg } from "@yume-chan/adb";

import { FaultError, faultError } from "../handset/fault.ts";
import type { FaultCode } from "../handset/fault-codes.ts";
import type { CallOptions, HandsetPort, ShellResult, TransferOptions } from "../handset/port.ts";
import { classifyServerRefusal } from "./server-refusals.ts";
import { type ServiceLink, ServiceRefusedError, type ServiceStream } from "./service-link.ts";
import { readShell, shellService, stdinEnd, stdinHeader, TooMuchOutputError } from "./shell-protocol.ts";
import { slices } from "./slices.ts";
import { SyncRefusedError, sendFile } from "./sync-protocol.ts";

const DEFAULT_CALL_MS = 15_000;
/** An install waits for a dialog and for the compiler. */
const DEFAULT_TRANSFER_MS = 180_000;
/** While bytes are still to be sent, some must move within this time. */
const STALL_MS = 20_000;
const MAX_OUTPUT = 4 * 1024 * 1024;
/** How long after a broken call the link may take to say why. */
const REASON_MS = 250;

/** Under what name the transport knows the handset. */
export interface LinkName {
	readonly adbSerial: string;
	readonly usbPath?: string;
}

/** What becomes of a call whose time is up. */
interface Terms {
	readonly deadlineMs: number;
	readonly late: "LINK_STALLED" | "TRANSFER_STALLED";
	readonly signal?: AbortSignal | undefined;
}

/** A call's own business: works on its stream, and says when bytes moved. */
type Work<Result> = (stream: ServiceStream, moved: () => void) => Promise<Result>;

/**
 * A {@link HandsetPort} over any link. Here is what Tango and adb leave open: every call has a deadline that frees the link,
 * loses against its loss, and ends with its signal, also while the phone has not answered at all.
 */
export function linkedHandset(link: ServiceLink, { adbSerial, usbPath }: LinkName): HandsetPort {
	const visits = new Visits(link);

	const run = (commandLine: string, stdin: Uint8Array | undefined, options: CallOptions): Promise<ShellResult> =>
		visits.visit(
			shellService(commandLine),
			{ deadlineMs: DEFAULT_CALL_MS, late: "LINK_STALLED", ...options },
			async (stream, moved) => {
				const result = readShell(stream.incoming, MAX_OUTPUT);
				feed(stream, stdin, moved).catch(() => {}); // a command that ended without reading it; its exit code tells
				return await result;
			},
		);

	return {
		adbSerial,
		...(usbPath === undefined ? {} : { usbPath }),
		gone: visits.gone,
		shell: (args, { stdin, ...options } = {}) => run(args.map(escapeArg).join(" "), stdin, options),
		script: (text, options = {}) => run(text, undefined, options),
		push: (path, content, { mode = 0o644, onProgress, ...options } = {}) =>
			visits.visit("sync:", transfer(options), async (stream, moved) => {
				const file = { path, content, mode, mtimeUnixSeconds: Math.floor(Date.now() / 1000) };
				await sendFile(stream, file, (sent) => {
					moved();
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
async function feed(
	stream: ServiceStream,
	content: Uint8Array | undefined,
	moved: () => void,
	onProgress?: (sent: number) => void,
) {
	let sent = 0;
	for (const slice of content ? slices(content) : []) {
		await stream.write(stdinHeader(slice.length), slice);
		sent += slice.length;
		moved();
		onProgress?.(sent);
	}
	await stream.write(stdinEnd());
}

/** The calls that are under way on one link, and the link's end. */
class Visits {
	readonly gone: Promise<void>;
	readonly #link: ServiceLink;
	/** Not promises raced against `gone`: each race would stay on it until the handset leaves. */
	readonly #ends = new Set<(error: FaultError) => void>();
	#lost: FaultCode | undefined;
	#resolveGone: () => void = () => {};

	constructor(link: ServiceLink) {
		this.#link = link;
		this.gone = new Promise((resolve) => {
			this.#resolveGone = resolve;
		});
		link.onLost((why) => this.lose(why));
	}

	/** Gives the link up, and ends every call with this code. The first reason counts. */
	lose(code: FaultCode): void {
		if (this.#lost !== undefined) return;
		this.#lost = code;
		this.#link.destroy();
		for (const end of this.#ends) end(faultError(code));
		this.#ends.clear();
		this.#resolveGone();
	}

	async visit<Result>(service: string, { deadlineMs, late, signal }: Terms, work: Work<Result>): Promise<Result> {
		if (this.#lost !== undefined) throw faultError(this.#lost);
		if (signal?.aborted) throw faultError("CANCELLED");
		let stream: ServiceStream | undefined;
		let over = false;
		let end: (error: FaultError) => void = () => {};
		const ended = new Promise<never>((_, reject) => {
			end = reject;
		});
		const cancel = () => end(faultError("CANCELLED"));
		const giveUp = () => this.lose(late);
		const deadline = setTimeout(giveUp, deadlineMs);
		let stall = late === "TRANSFER_STALLED" ? setTimeout(giveUp, STALL_MS) : undefined;
		const moved = () => {
			if (stall === undefined || over) return;
			clearTimeout(stall);
			stall = setTimeout(giveUp, STALL_MS);
		};
		this.#ends.add(end);
		signal?.addEventListener("abort", cancel, { once: true });
		try {
			const opening = this.#link.open(service).then((opened) => {
				stream = opened;
				if (over) opened.close(); // answered after we had left
				return opened;
			});
			const working = opening.then((opened) => work(opened, moved));
			return await Promise.race([working, ended]);
		} catch (error) {
			throw await this.#explained(error, service);
		} finally {
			over = true;
			clearTimeout(deadline);
			clearTimeout(stall);
			this.#ends.delete(end);
			signal?.removeEventListener("abort", cancel);
			stream?.close();
		}
	}

	/** What an error of a link means. Whatever cuts a service off ends the visit: the handset must be identified anew. */
	async #explained(error: unknown, service: string): Promise<FaultError> {
		if (error instanceof FaultError) return error;
		const raw = error instanceof Error ? error.message : String(error);
		if (error instanceof SyncRefusedError) return faultError("PUSH_REFUSED", { raw }, { cause: error });
		if (error instanceof TooMuchOutputError) {
			this.lose("UNCLASSIFIED");
			return faultError("UNCLASSIFIED", { raw, details: { service } }, { cause: error });
		}
		if (error instanceof ServiceRefusedError) {
			const code = classifyServerRefusal(raw);
			// The phone is there and has no shell for us: the first set-up of Android 16.
			if (code === undefined) return faultError("ADB_FOYER", { raw }, { cause: error });
			this.lose(code === "NO_DEVICE" ? "USB_LOST" : code);
		} else {
			// One call notices before the link does: the link knows better whether the phone left or the server.
			await Promise.race([this.gone, new Promise((resolve) => setTimeout(resolve, REASON_MS))]);
			this.lose("USB_LOST");
		}
		return faultError(this.#lost ?? "USB_LOST", { raw }, { cause: error });
	}
}
