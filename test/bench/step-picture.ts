import { median } from "./row.ts";
import type { StationRun } from "./station-rows.ts";

const COLORS = ["#8da0cb", "#4c72b0", "#55a868", "#c44e52", "#dd8452", "#937860", "#da8bc3", "#ccb974", "#64b5cd", "#8c8c8c"];
const HEIGHT = 420;
const TOP = 48;
const LEFT = 70;
const BAR = 52;
const GROUP = 150;

/** One bar of the picture: parts from the bottom up, in milliseconds. */
interface Bar {
	readonly label: string;
	readonly parts: readonly { readonly name: string; readonly ms: number }[];
}

/**
 * Where the time of one handset goes, by how many are enrolled at once: a bar of steps for the station, a plain one for the script.
 *
 * @returns an SVG.
 */
export function stepPicture(runs: readonly StationRun[]): string {
	const names = [...new Set(runs.flatMap(({ ends }) => ends.flatMap(({ spans }) => stepsOf(spans).map(({ name }) => name))))];
	const color = (name: string) => COLORS[names.indexOf(name) % COLORS.length] ?? "#8c8c8c";
	const groups = runs.map((run) => ({ handsets: run.handsets, bars: [stationBar(run, names), scriptBar(run)] }));
	const highest = Math.max(...groups.flatMap(({ bars }) => bars.map(heightOf)));
	const y = (ms: number) => TOP + HEIGHT - (ms / highest) * HEIGHT;
	const shapes = groups.flatMap(({ handsets, bars }, group) => {
		const left = LEFT + group * GROUP + 20;
		return [
			...bars.flatMap((bar, index) => {
				let from = 0;
				const rectangles = bar.parts.map(({ name, ms }) => {
					const top = y(from + ms);
					const height = y(from) - top;
					from += ms;
					const fill = bar.label === "script" ? "#d0d0d0" : color(name);
					return `<rect x="${left + index * (BAR + 6)}" y="${top.toFixed(1)}" width="${BAR}" height="${height.toFixed(1)}" fill="${fill}"><title>${name}: ${Math.round(ms)} ms</title></rect>`;
				});
				const total = text(left + index * (BAR + 6) + BAR / 2, y(from) - 6, seconds(from), "middle");
				const under = text(left + index * (BAR + 6) + BAR / 2, TOP + HEIGHT + 16, bar.label, "middle");
				return [...rectangles, total, under];
			}),
			text(left + BAR + 3, TOP + HEIGHT + 36, handsets === 1 ? "1 handset" : `${handsets} at once`, "middle"),
		];
	});
	const right = LEFT + groups.length * GROUP + 20;
	const legend = names.map(
		(name, index) =>
			`<rect x="${right}" y="${TOP + index * 22}" width="14" height="14" fill="${color(name)}"/>${text(right + 22, TOP + 12 + index * 22, name, "start")}`,
	);
	const title = text(LEFT, 24, "Mean time of one handset by step, and of its script; medians of the rounds", "start");
	const ground = `<line x1="${LEFT}" y1="${TOP + HEIGHT}" x2="${right - 20}" y2="${TOP + HEIGHT}" stroke="#444"/>`;
	return `<svg xmlns="http://www.w3.org/2000/svg" width="${right + 130}" height="${TOP + HEIGHT + 60}" role="img" aria-label="Mean time of one handset by step" font-family="sans-serif" font-size="13"><rect width="100%" height="100%" fill="white"/>${[title, ground, ...shapes, ...legend].join("")}</svg>\n`;
}

function stationBar({ handsets, ends }: StationRun, names: readonly string[]): Bar {
	const parts = names.map((name) => ({
		name,
		ms: median(ends.map(({ spans }) => sumOf(stepsOf(spans).filter((step) => step.name === name)) / handsets)),
	}));
	return { label: "station", parts };
}

function scriptBar({ scriptMeanMs }: StationRun): Bar {
	return { label: "script", parts: [{ name: "script", ms: median(scriptMeanMs) }] };
}

type Spans = StationRun["ends"][number]["spans"];

const stepsOf = (spans: Spans) => spans.filter(({ kind }) => kind === "step");
const sumOf = (spans: Spans) => spans.reduce((sum, { startMs, endMs }) => sum + endMs - startMs, 0);
const heightOf = ({ parts }: Bar) => parts.reduce((sum, { ms }) => sum + ms, 0);
const seconds = (ms: number) => (ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`);

function text(x: number, y: number, words: string, anchor: "start" | "middle"): string {
	return `<text x="${x.toFixed(0)}" y="${y.toFixed(0)}" text-anchor="${anchor}">${words}</text>`;
}
