import upng from "upng-js";
import { expect, it } from "vitest";

import { differenceOf, quantised } from "./picture.ts";

const [WIDTH, HEIGHT] = [640, 700];

/** A page with one small button on it, `shade` lighter than it is, `down` pixels lower. */
function page({ down = 0, shade = 0 } = {}): Buffer {
	const rgba = new Uint8Array(WIDTH * HEIGHT * 4).fill(255);
	for (let y = 300 + down; y < 318 + down; y += 1)
		for (let x = 40; x < 100; x += 1) rgba.set([10 + shade, 85 + shade, 143 + shade, 255], (y * WIDTH + x) * 4);
	return quantised(Buffer.from(upng.encode([rgba.buffer], WIDTH, HEIGHT, 0)));
}

it("takes a palette's shades for the same", () => {
	expect(differenceOf(page(), page({ shade: 8 }))).toMatchObject({ isSame: true });
});

it("tells a small button that moved by half its height", () => {
	expect(differenceOf(page(), page({ down: 9 }))).toMatchObject({ isSame: false });
});
