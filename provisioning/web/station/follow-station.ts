import type { StationView } from "../../station/view.ts";
import type { ViewChange } from "../../station/view-change.ts";
import { hearBeat, hearChange, hearView, loseLink, NOTHING_HEARD, notice, type PageState } from "./page-state.ts";

const AGAIN_MS = 1_000;

/** The station as this page hears it. */
export interface Following {
	state(): PageState;
	onChange(listener: () => void): () => void;
}

/** Follows the station's event stream, for as long as the page is open. */
export function followStation(url: string): Following {
	let state = NOTHING_HEARD;
	let source: EventSource | undefined;
	const listeners = new Set<() => void>();
	const become = (next: PageState) => {
		if (next === state) return;
		state = next;
		for (const listener of listeners) listener();
	};
	const again = () => {
		source?.close();
		source = undefined;
		become(loseLink(state));
		setTimeout(connect, AGAIN_MS);
	};
	const connect = () => {
		const mine = new EventSource(url);
		source = mine;
		const data = (event: MessageEvent<string>): unknown => JSON.parse(event.data);
		mine.addEventListener("view", (event) => become(hearView(data(event) as StationView, performance.now()))); // what our own server sends
		mine.addEventListener("beat", (event) => become(hearBeat(state, Number(data(event)), performance.now())));
		mine.addEventListener("change", (event) => {
			const next = hearChange(state, data(event) as ViewChange, performance.now()); // what our own server sends
			if (next) become(next);
			else again();
		});
		// Not left to the browser: after an answer that is not 200 it would never try again.
		mine.addEventListener("error", () => {
			if (source === mine) again();
		});
	};
	connect();
	setInterval(() => {
		const next = notice(state, performance.now());
		if (next !== state) again();
	}, 1_000);
	return {
		state: () => state,
		onChange(listener) {
			listeners.add(listener);
			return () => void listeners.delete(listener);
		},
	};
}
