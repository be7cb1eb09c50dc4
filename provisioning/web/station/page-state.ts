import type { StationView } from "../../station/view.ts";
import { applyChange, type ViewChange } from "../../station/view-change.ts";

/** How long the stream may be silent before what is shown counts as old, milliseconds. The station beats every 5 s. */
export const SILENCE_MS = 12_000;

/** What the page knows of the station, and how fresh that is. Times are of the browser's monotonic clock, milliseconds. */
export interface PageState {
	/** `first`: nothing was heard yet. `live`: what is shown is so. `lost`: what is shown was so. */
	readonly link: "first" | "live" | "lost";
	readonly view?: StationView;
	/** When the station was last heard. */
	readonly heardAtMs: number;
	/** The station's own clock at that moment. */
	readonly stationMs: number;
}

export const NOTHING_HEARD: PageState = { link: "first", heardAtMs: 0, stationMs: 0 };

export function hearView(view: StationView, heardAtMs: number): PageState {
	return { link: "live", view, heardAtMs, stationMs: view.nowMs };
}

/** `undefined` if the change is not one of the view that is shown: a whole view has to be asked for. */
export function hearChange(state: PageState, change: ViewChange, heardAtMs: number): PageState | undefined {
	const view = state.view && applyChange(state.view, change);
	return view && hearView(view, heardAtMs);
}

export function hearBeat(state: PageState, stationMs: number, heardAtMs: number): PageState {
	return state.view ? { ...state, link: "live", heardAtMs, stationMs } : state;
}

export function loseLink(state: PageState): PageState {
	return state.link === "lost" ? state : { ...state, link: "lost" };
}

/** A connection that is open and silent is lost as well: the other end may be gone without a word. */
export function notice(state: PageState, nowMs: number): PageState {
	return state.link === "live" && nowMs - state.heardAtMs > SILENCE_MS ? loseLink(state) : state;
}

/** The station's clock now; it stands still while the link is lost, so that no time seems to pass in what is old. */
export function stationNowMs({ link, heardAtMs, stationMs }: PageState, nowMs: number): number {
	return stationMs + (link === "live" ? Math.max(0, nowMs - heardAtMs) : 0);
}
