import pixelmatch from "pixelmatch";
import upng from "upng-js";

export const THEMES = ["light", "dark"] as const;
/** A small phone, a laptop, a 4K screen: CSS pixels. */
export const WIDTHS = [320, 1280, 3840] as const;
export type Theme = (typeof THEMES)[number];
export type Width = (typeof WIDTHS)[number];

/** How a screen of each width is drawn, and how much of it is kept. */
export const SCREENS: Readonly<Record<Width, Screen>> = {
	320: { height: 640, keptHeight: 1000, keptScale: 1, sheetScale: 1 },
	1280: { height: 800, keptHeight: 1000, keptScale: 0.5, sheetScale: 1 },
	3840: { height: 2160, keptHeight: 2160, keptScale: 1 / 6, sheetScale: 0.5 },
};

interface Screen {
	/** CSS pixels of the window. */
	readonly height: number;
	/** CSS pixels of the page that a golden shows at most. */
	readonly keptHeight: number;
	/** Pixels of a golden for each CSS pixel. */
	readonly keptScale: number;
	/** Pixels of a picture to be looked at for each CSS pixel. */
	readonly sheetScale: number;
}

/** Enough for flat colours and the edges of letters. */
const COLOURS = 16;
/** Of YIQ space, 0 to 1: above what two palettes of one picture differ by. */
const COLOUR_TOLERANCE = 0.25;
/** Part of a picture's pixels. A small button that moves by half its height is twice this in the largest. */
const TOLERATED_PART = 0.001;
const TOLERATED_PIXELS = 24;

/** As it is kept: a PNG with a palette. */
export function quantised(png: Buffer): Buffer {
	const image = upng.decode(asArrayBuffer(png));
	return Buffer.from(upng.encode(upng.toRGBA8(image), image.width, image.height, COLOURS));
}

/** What differs between a golden and the same picture drawn again. */
export interface Difference {
	readonly isSame: boolean;
	/** Pixels that differ; those of the larger picture that the other has not are among them. */
	readonly pixels: number;
	/** PNG with what differs in red. */
	readonly picture: Buffer;
}

/** Compares with a tolerance that takes a palette and no movement. */
export function differenceOf(golden: Buffer, drawn: Buffer): Difference {
	const [before, after] = [upng.decode(asArrayBuffer(golden)), upng.decode(asArrayBuffer(drawn))];
	const width = Math.max(before.width, after.width);
	const height = Math.max(before.height, after.height);
	const [left, right] = [before, after].map((image) => {
		const whole = new Uint8Array(width * height * 4);
		const rgba = new Uint8Array(upng.toRGBA8(image)[0] ?? new ArrayBuffer(0));
		for (let row = 0; row < image.height; row += 1)
			whole.set(rgba.subarray(row * image.width * 4, (row + 1) * image.width * 4), row * width * 4);
		return whole;
	});
	const red = new Uint8Array(width * height * 4);
	const pixels = pixelmatch(left ?? red, right ?? red, red, width, height, { threshold: COLOUR_TOLERANCE });
	return {
		isSame: pixels <= Math.max(TOLERATED_PIXELS, width * height * TOLERATED_PART),
		pixels,
		picture: Buffer.from(upng.encode([red.buffer], width, height, 0)),
	};
}

function asArrayBuffer(bytes: Buffer): ArrayBuffer {
	return Uint8Array.from(bytes).buffer;
}
