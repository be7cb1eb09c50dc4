import { FaultError, faultError } from "../handset/fault.ts";
import type { FaultCode } from "../handset/fault-codes.ts";
import { classifyServerRefusal } from "./server-refusals.ts";
import { type ServiceLink, ServiceRefusedError, type ServiceStream } from "./service-link.ts";
import { TooMuchOutputError } from "./shell-protocol.ts";
import { SyncRefusedError } from "./sync-protocol.ts";

/** While bytes are still to be sent, some must move within this time. */
const STALL_MS = 20_000;
/** How long after a broken call the link may take to say why. */
const REASON_MS = 250;
/** As much of a command as stands in a fault. */
const MAX_LABEL = 120;

/** What becomes of a call whose time is up. */
export interface Terms {
	readonly deadlineMs: number;
	readonly late: "LINK_STALLED" | "TRANSFER_STALLED";
	readonly signal?: AbortSignal | undefined;
}

/** Tells that bytes moved, and how many are still to go. */
export type Moved = (leftBytes: number) => void;

/** A call's own business on its stream. */
export type Work<Result> = (stream: ServiceStream, moved: Moved) => Promise<Result>;

/** The calls that are under way on one link, and the link's end. */
export class Visits {
	readonly gone: Promise<void>;
	readonly #link: ServiceLink;
	/** Not promises raced against `gone`: each race would stay on it until the handset leaves. */
	readonly #ends = new Set<(code: FaultCode) => void>();
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
		for (const end of this.#ends) end(code);
		this.#ends.clear();
		this.#resolveGone();
	}

	async visit<Result>(service: string, { deadlineMs, late, signal }: Terms, work: Work<Result>): Promise<Result> {
		if (this.#lost !== undefined) throw faultError(this.#lost);
		if (signal?.aborted) throw faultError("CANCELLED");
		let stream: ServiceStream | undefined;
		let over = false;
		let end: (code: FaultCode) => void = () => {};
		const ended = new Promise<never>((_, reject) => {
			end = (code) => reject(faultError(code, { details: { during: service.slice(0, MAX_LABEL) } }));
		});
		const cancel = () => end("CANCELLED");
		const giveUp = () => this.lose(late);
		const deadline = setTimeout(giveUp, deadlineMs);
		let stall = late === "TRANSFER_STALLED" ? setTimeout(giveUp, STALL_MS) : undefined;
		const moved = (leftBytes: number) => {
			if (stall === undefined || over) return;
			clearTimeout(stall);
			// With everything sent the phone is thinking, or asking somebody: that is what the deadline is for.
			stall = leftBytes > 0 ? setTimeout(giveUp, STALL_MS) : undefined;
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
		if (error instanceof FaultError) {
			if (error.fault.code === "ADB_SERVER_GONE") this.lose("ADB_SERVER_GONE");
			return error;
		}
		const raw = error instanceof Error ? error.message : String(error);
		if (error instanceof SyncRefusedError) return faultError("PUSH_REFUSED", { raw }, { cause: error });
		if (error instanceof TooMuchOutputError) {
			this.lose("UNCLASSIFIED");
			return faultError("UNCLASSIFIED", { raw, details: { service } }, { cause: error });
		}
		if (error instanceof ServiceRefusedError) {
			const code = classifyServerRefusal(raw);
			if (code === undefined) await this.#linkSpeaks();
			// The phone is still there and has no shell for us: the first set-up of Android 16. One that is just leaving says the same.
			if (code === undefined && this.#lost === undefined) return faultError("ADB_FOYER", { raw }, { cause: error });
			this.lose(code === undefined || code === "NO_DEVICE" ? "USB_LOST" : code);
		} else {
			await this.#linkSpeaks();
			this.lose("USB_LOST");
		}
		return faultError(this.#lost ?? "USB_LOST", { raw }, { cause: error });
	}

	/** One call notices before the link does: the link knows better whether the phone left or the server. */
	async #linkSpeaks(): Promise<void> {
		await Promise.race([this.gone, new Promise((resolve) => setTimeout(resolve, REASON_MS))]);
	}
}
