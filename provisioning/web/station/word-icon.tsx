import type { SlotWord } from "../../station/view.ts";

/** All words, in the order in which a phone goes through them. */
export const WORDS: readonly SlotWord[] = [
	...(["running", "verify", "ready", "detected", "unauthorised", "preflight-fail", "pass", "remove-me", "queued"] as const),
	...(["fail", "error", "hold", "empty"] as const),
];

type IconName =
	| SlotWord
	| "stop"
	| "locked"
	| "sound"
	| "muted"
	| "badge"
	| "scan"
	| "plug"
	| "battery"
	| "link"
	| "cable"
	| "close";

/** Outlines on a field of 24 by 24. Each word has a shape of its own, so that colour is never needed. */
const PATHS: Readonly<Record<IconName, string>> = {
	empty: "M7 3h10v18H7z",
	detected: "M7 3h10v18H7zM11 18h2",
	unauthorised: "M9 11V5a2 2 0 0 1 4 0v6l5 1.5c1 .4 1 1 1 2.500L17 21h-7l-5-6c-.6-1.500 1-2.500 2.200-1.500L9 15z",
	"preflight-fail": "M6 3h12v18H6zM9 8h6M9 12h3M10 15l5 4M15 15l-5 4",
	ready: "M12 4a8 8 0 1 0 .01 0zM12 10a2 2 0 1 0 .01 0z",
	running: "M6 3h12M6 21h12M7 3c0 6 10 6 10 9s-10 3-10 9M17 3c0 6-10 6-10 9s10 3 10 9",
	verify: "M10 4a6 6 0 1 0 .01 0zM15 15l6 6M7.500 10l2 2 3.500-4",
	pass: "M4 13l5 5L20 6",
	queued: "M12 4a8 8 0 1 0 .01 0zM12 8v5l3.500 2",
	fail: "M5 5l14 14M19 5L5 19",
	error: "M12 3L2 20h20zM12 10v5M12 17.500v.5",
	hold: "M8 4v16M16 4v16",
	"remove-me": "M12 16V4M6 9l6-6 6 6M4 20h16",
	stop: "M8 2h8l6 6v8l-6 6H8l-6-6V8zM12 7v7M12 16.500v.5",
	locked: "M5 11h14v10H5zM8 11V7a4 4 0 0 1 8 0v4",
	sound: "M3 9v6h4l6 5V4L7 9zM16 9c1.500 2 1.500 4 0 6M19 6c3 4 3 8 0 12",
	muted: "M3 9v6h4l6 5V4L7 9zM16 9l6 6M22 9l-6 6",
	badge: "M5 6h14v15H5zM10 3h4v5h-4zM12 11a2 2 0 1 0 .01 0zM8 18c1-3 7-3 8 0",
	scan: "M3 8V4h4M17 4h4v4M21 16v4h-4M7 20H3v-4M7 8v8M10.500 8v8M14 8v8M17 8v8",
	plug: "M8 3v6M16 3v6M5 9h14v3a7 7 0 0 1-14 0zM12 19v3",
	battery: "M3 8h15v8H3zM21 11v2M6 11v2M9 11v2",
	link: "M12 21V4M9 7l3-4 3 4M12 16l-5-3v-3M12 13l5-3V8",
	cable: "M4 4v5a4 4 0 0 0 8 0V8a4 4 0 0 1 8 0v12M17 20h6M2 4h4",
	close: "M6 6l12 12M18 6L6 18",
};

/** Decoration: the word stands beside it. */
export function Icon({ name }: { readonly name: IconName }) {
	return (
		<svg className={`icon icon-${name}`} viewBox="0 0 24 24" aria-hidden="true" focusable="false">
			<path d={PATHS[name]} fill="none" stroke="currentColor" strokeWidth="2.4" strokeLinecap="round" strokeLinejoin="round" />
		</svg>
	);
}
