import type { Socket } from "node:net";

import { FaultError, fault, faultError } from "../../handset/fault.ts";
import { openTcpSocket } from "../../transport/tcp-socket.ts";
import { within } from "../../vouchers/within.ts";
import type { LabelPrinter } from "./printer.ts";
import { ASK_STATUS, isWholeStatus, MAX_STATUS_BYTES, type PrinterStatus, parsePrinterStatus } from "./printer-status.ts";

export interface NetworkPrinterOptions {
	readonly host: string;
	/** Default 9100, raw printing. */
	readonly port?: number;
	/** How long a connection may take, in milliseconds. Default 3,000. */
	readonly connectMs?: number;
	/** How long an answer may take, in milliseconds; a printer that takes longer is one that does not answer. Default 2,000. */
	readonly answerMs?: number;
	/** How long a label may take to be taken, in milliseconds. Default 10,000. */
	readonly sendMs?: number;
}

/**
 * A printer on the network that takes ZPL on a raw TCP port. It is asked for its errors before and after each label. One that does not
 * answer, or answers something else, is printed on all the same, and the label is not confirmed. "Confirmed" means that the printer took
 * the label and had nothing to complain of; that paper came out is for the person to see.
 */
export function networkPrinter(options: NetworkPrinterOptions): LabelPrinter {
	const { host, port = 9100, connectMs = 3_000, answerMs = 2_000, sendMs = 10_000 } = options;
	const address = `${host}:${port}`;
	// A raw port serves one connection at a time.
	let previous: Promise<unknown> = Promise.resolve();

	async function connected<T>(work: (socket: Socket) => Promise<T>): Promise<T> {
		let opened: Socket | undefined;
		try {
			const opening = openTcpSocket({ host, port }, (socket) => {
				opened = socket;
			});
			const socket = await within(connectMs, opening, () => new Error("no connection in time")).catch((cause) => {
				throw unreachable(address, "not sent", cause);
			});
			try {
				return await work(socket);
			} finally {
				// Or the next connection, or the end of a label that is still on its way, would meet a printer that is busy with this one.
				await within(answerMs, ended(socket), () => new Error("the printer keeps the connection")).catch(() => {});
			}
		} finally {
			opened?.destroy();
		}
	}

	async function print(zpl: string): Promise<{ confirmed: boolean }> {
		return await connected(async (socket) => {
			const before = await statusOf(socket, answerMs);
			requireReady(before, "not sent");
			await within(sendMs, send(socket, zpl), () => new Error("the label was not taken in time")).catch((cause) => {
				throw unreachable(address, "perhaps in part", cause);
			});
			// One that was silent before is not waited for again.
			const after = before && (await statusOf(socket, answerMs));
			requireReady(after, "sent");
			return { confirmed: after !== undefined };
		});
	}

	function inTurn<T>(work: () => Promise<T>): Promise<T> {
		const turn = previous.then(work, work);
		previous = turn.catch(() => {});
		return turn;
	}

	return {
		async check() {
			try {
				const status = await inTurn(() => connected((socket) => statusOf(socket, answerMs)));
				if (status === undefined)
					return { ok: true, detail: `The printer at ${address} takes labels, but does not tell how it is: look at each label.` };
				if (status.errors.length > 0)
					return { ok: false, detail: `The printer at ${address} cannot print: ${status.errors.join(", ")}. Put that right.` };
				const warnings = status.warnings.length > 0 ? ` Soon: ${status.warnings.join(", ")}.` : "";
				return { ok: true, detail: `The printer at ${address} is ready.${warnings}` };
			} catch (error) {
				if (!(error instanceof FaultError)) throw error;
				return { ok: false, detail: `The printer at ${address} does not answer. ${error.fault.remedy}` };
			}
		},
		print: (zpl) => inTurn(() => print(zpl)),
	};
}

function requireReady(status: PrinterStatus | undefined, label: string): void {
	if (!status || status.errors.length === 0) return;
	throw faultError("PRINTER_NOT_READY", { details: { printer: status.errors.join(", "), label } });
}

function unreachable(address: string, label: string, cause: unknown): FaultError {
	const raw = cause instanceof Error ? cause.message : String(cause);
	return new FaultError(fault("PRINTER_UNREACHABLE", { raw, details: { address, label } }), { cause });
}

/** `undefined` if the printer does not answer in time, or with something else. At most {@link MAX_STATUS_BYTES} are looked at. */
async function statusOf(socket: Socket, answerMs: number): Promise<PrinterStatus | undefined> {
	let answer = "";
	let heard = (_chunk: Buffer) => {};
	const whole = new Promise<void>((resolve) => {
		heard = (chunk) => {
			answer += chunk.subarray(0, MAX_STATUS_BYTES - answer.length).toString("latin1");
			if (isWholeStatus(answer) || answer.length >= MAX_STATUS_BYTES) resolve();
		};
		socket.on("data", heard);
		socket.once("close", resolve);
	});
	try {
		await within(answerMs, Promise.all([send(socket, ASK_STATUS), whole]), () => new Error("no answer in time"));
	} catch {
		// What came until then is looked at: some printers do not end their answer.
	}
	socket.off("data", heard);
	return parsePrinterStatus(answer);
}

function send(socket: Socket, text: string): Promise<void> {
	return new Promise((resolve, reject) => {
		if (socket.destroyed) reject(new Error("the printer closed the connection"));
		socket.once("close", () => reject(new Error("the printer closed the connection")));
		socket.write(text, "ascii", (error) => (error ? reject(error) : resolve()));
	});
}

/** Closes our side, and waits for the printer's: it has read everything then. */
function ended(socket: Socket): Promise<void> {
	return new Promise((resolve) => {
		if (socket.closed) resolve();
		socket.once("close", () => resolve());
		socket.resume();
		socket.end();
	});
}
