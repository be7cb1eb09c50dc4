import type { ServerResponse } from "node:http";

import type { Station } from "../station.ts";
import type { StationView } from "../view.ts";
import { changeBetween } from "../view-change.ts";

export interface EventStreamOptions {
	readonly station: Pick<Station, "view" | "onChange">;
	/** Least time between two changes, milliseconds. */
	readonly coalesceMs: number;
	/** Longest silence, milliseconds. */
	readonly heartbeatMs: number;
	/** How long a reader may take nothing before it is let go, milliseconds. */
	readonly stallMs: number;
	readonly maxReaders: number;
}

/** Server-sent events of one station for many readers. */
export interface EventStream {
	/**
	 * Sends the whole view, then each change. False when there are too many readers: nothing was written.
	 *
	 * @param isLetIn whether the reader may still read; asked with each heartbeat.
	 */
	add(response: ServerResponse, headers: Readonly<Record<string, string>>, isLetIn: () => boolean): boolean;
	/** Ends the streams of those who may not read any more, now. */
	letGo(): void;
	readonly readers: number;
	close(): void;
}

interface Reader {
	readonly response: ServerResponse;
	readonly isLetIn: () => boolean;
	/** Its buffer is full: it gets nothing until that is empty, and then the whole view if it missed something. */
	isBusy: boolean;
	hasMissed: boolean;
	stall: NodeJS.Timeout | undefined;
}

/**
 * A change is made and written once, for all readers. A reader that does not keep up holds at most one view and one change: it is
 * given whole views instead of a growing queue.
 */
export function createEventStream(options: EventStreamOptions): EventStream {
	const { station, coalesceMs, heartbeatMs, stallMs, maxReaders } = options;
	const readers = new Set<Reader>();
	let told: StationView = station.view();
	let pending: NodeJS.Timeout | undefined;
	let lastTellMs = Number.NEGATIVE_INFINITY;

	const drop = (reader: Reader) => {
		clearTimeout(reader.stall);
		readers.delete(reader);
	};
	const write = (reader: Reader, text: string) => {
		if (reader.response.write(text)) return;
		reader.isBusy = true;
		reader.stall = setTimeout(() => reader.response.destroy(), stallMs).unref();
	};
	const drained = (reader: Reader) => {
		clearTimeout(reader.stall);
		reader.isBusy = false;
		if (!reader.hasMissed) return;
		reader.hasMissed = false;
		write(reader, wholeView(told));
	};
	const tell = () => {
		clearTimeout(pending);
		pending = undefined;
		const view = station.view();
		if (view.revision === told.revision) return;
		lastTellMs = performance.now();
		const text = `id: ${view.revision}\nevent: change\ndata: ${JSON.stringify(changeBetween(told, view))}\n\n`;
		told = view;
		for (const reader of readers) {
			if (reader.isBusy) reader.hasMissed = true;
			else if (!reader.response.writableEnded) write(reader, text);
		}
	};
	const stopListening = station.onChange(() => {
		pending ??= setTimeout(tell, Math.max(0, lastTellMs + coalesceMs - performance.now()));
	});
	const letGo = () => {
		for (const { response, isLetIn } of readers) if (!isLetIn()) response.end();
	};
	// A comment would do for proxies; a page's script sees events only, and has to know that silence means trouble.
	const beat = setInterval(() => {
		letGo();
		const text = `event: beat\ndata: ${station.view().nowMs}\n\n`;
		for (const reader of readers) if (!reader.isBusy && !reader.response.writableEnded) write(reader, text);
	}, heartbeatMs).unref();

	return {
		letGo,
		add(response, headers, isLetIn) {
			if (readers.size >= maxReaders) return false;
			tell(); // so that the next change fits what this reader is given now
			const reader: Reader = { response, isLetIn, isBusy: false, hasMissed: false, stall: undefined };
			readers.add(reader);
			response.on("drain", () => drained(reader));
			response.on("close", () => drop(reader));
			response.on("error", () => drop(reader));
			response.writeHead(200, { ...headers, "content-type": "text/event-stream; charset=utf-8", "x-accel-buffering": "no" });
			write(reader, `retry: 1000\n${wholeView(told)}`);
			return true;
		},
		get readers() {
			return readers.size;
		},
		close() {
			stopListening();
			clearTimeout(pending);
			clearInterval(beat);
			for (const reader of [...readers]) {
				drop(reader);
				reader.response.end();
			}
		},
	};
}

function wholeView(view: StationView): string {
	return `id: ${view.revision}\nevent: view\ndata: ${JSON.stringify(view)}\n\n`;
}
