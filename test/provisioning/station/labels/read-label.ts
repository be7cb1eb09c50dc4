import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

import { prepareZXingModule, readBarcodes } from "zxing-wasm/reader";

const require = createRequire(import.meta.url);

/** What a scanner reads on a label, and the picture of it. */
export interface ReadLabel {
	readonly png: Uint8Array;
	/** Text of the Code 128. */
	readonly code128: string | undefined;
	/** Text of the QR code. */
	readonly qr: string | undefined;
}

interface ZplRenderer {
	readonly ready: Promise<{
		api: { zplToBase64Async(zpl: string, widthMm: number, heightMm: number, dpmm: number): Promise<string> };
	}>;
}

/** Renders ZPL as a printer would, and reads its codes back. All of it on this machine, from the packages' own files. */
export async function readLabel(zpl: string, widthMm: number, heightMm: number, dotsPerMm: number): Promise<ReadLabel> {
	// Its ES module is not marked as one, which Node refuses.
	const { ready } = require("zpl-renderer-js") as ZplRenderer; // no types by this way
	const { api } = await ready;
	const png = Buffer.from(await api.zplToBase64Async(zpl, widthMm, heightMm, dotsPerMm), "base64");
	prepareZXingModule({ overrides: { wasmBinary: wasmFile() } });
	const found = await readBarcodes(png, { formats: ["QRCode", "Code128"], tryHarder: true, maxNumberOfSymbols: 4 });
	return {
		png,
		code128: found.find(({ format }) => format === "Code128")?.text,
		qr: found.find(({ format }) => format === "QRCode")?.text,
	};
}

/** Reads the dots of a QR code as a scanner would see them on white paper. */
export async function readDots(dots: readonly (readonly boolean[])[]): Promise<string | undefined> {
	const [scale, quiet] = [4, 4];
	const side = (dots.length + 2 * quiet) * scale;
	const data = new Uint8ClampedArray(side * side * 4).fill(255);
	for (let y = 0; y < side; y += 1)
		for (let x = 0; x < side; x += 1)
			if (dots[Math.floor(y / scale) - quiet]?.[Math.floor(x / scale) - quiet])
				data.fill(0, (y * side + x) * 4, (y * side + x) * 4 + 3);
	prepareZXingModule({ overrides: { wasmBinary: wasmFile() } });
	const [found] = await readBarcodes({ data, width: side, height: side, colorSpace: "srgb" }, { formats: ["QRCode"] });
	return found?.text;
}

function wasmFile(): ArrayBuffer {
	const file = readFileSync(require.resolve("zxing-wasm/reader/zxing_reader.wasm"));
	return file.buffer.slice(file.byteOffset, file.byteOffset + file.byteLength) as ArrayBuffer; // a file is never read into shared memory
}
