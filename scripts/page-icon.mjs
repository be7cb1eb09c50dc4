// Draws the mark of `provisioning/web/frame/icon.svg` as a PNG: an app icon has to be one in every system.
import { crc32, deflateSync } from "node:zlib";

/** As in the SVG, on a square of 32: the ground's corner, the strokes from point to point, half of their width. */
const SIDE = 32;
const CORNER = 7;
const STROKES = [
	[9, 7, 9, 25],
	[23, 7, 23, 25],
	[9, 16, 23, 16],
];
const HALF_WIDTH = 2;
const GROUND = [0x12, 0x32, 0x4a];
const MARK = [0xff, 0xff, 0xff];
/** Points looked at in each direction within one pixel. */
const FINE = 4;
/** Of a maskable icon a system may cut away all but a circle of 80 % of its width. */
const SAFE = 0.7;

/** @param size in pixels. @param isMaskable fills the whole square, with the mark in its middle. */
export function iconPng(size, isMaskable) {
	const raw = Buffer.alloc(size * (1 + size * 4));
	for (let y = 0; y < size; y += 1)
		for (let x = 0; x < size; x += 1) {
			let ground = 0;
			let mark = 0;
			for (let fineY = 0; fineY < FINE; fineY += 1)
				for (let fineX = 0; fineX < FINE; fineX += 1) {
					const at = [x + (fineX + 0.5) / FINE, y + (fineY + 0.5) / FINE].map((pixels) => (pixels / size) * SIDE);
					if (isMaskable || isInSquare(at)) ground += 1;
					if (isOnStroke(isMaskable ? at.map((value) => (value - SIDE / 2) / SAFE + SIDE / 2) : at)) mark += 1;
				}
			const part = ground === 0 ? 0 : mark / ground;
			const offset = y * (1 + size * 4) + 1 + x * 4;
			for (let channel = 0; channel < 3; channel += 1)
				raw[offset + channel] = Math.round(GROUND[channel] + (MARK[channel] - GROUND[channel]) * part);
			raw[offset + 3] = Math.round((ground / FINE ** 2) * 255);
		}
	const header = Buffer.alloc(13);
	header.writeUInt32BE(size, 0);
	header.writeUInt32BE(size, 4);
	header.set([8, 6], 8); // 8 bits a channel, RGBA
	const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
	return Buffer.concat([
		signature,
		chunk("IHDR", header),
		chunk("IDAT", deflateSync(raw, { level: 9 })),
		chunk("IEND", Buffer.alloc(0)),
	]);
}

function isInSquare(at) {
	const [dx, dy] = at.map((value) => Math.max(Math.abs(value - SIDE / 2) - (SIDE / 2 - CORNER), 0));
	return Math.hypot(dx, dy) <= CORNER;
}

function isOnStroke([x, y]) {
	return STROKES.some(([x1, y1, x2, y2]) => {
		const [dx, dy] = [x2 - x1, y2 - y1];
		const along = Math.min(1, Math.max(0, ((x - x1) * dx + (y - y1) * dy) / (dx ** 2 + dy ** 2)));
		return Math.hypot(x - x1 - along * dx, y - y1 - along * dy) <= HALF_WIDTH;
	});
}

function chunk(type, data) {
	const body = Buffer.concat([Buffer.from(type, "ascii"), data]);
	const whole = Buffer.alloc(body.length + 8);
	whole.writeUInt32BE(data.length, 0);
	whole.set(body, 4);
	whole.writeUInt32BE(crc32(body), body.length + 4);
	return whole;
}
