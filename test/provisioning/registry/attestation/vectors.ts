import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";

/** Android's own test chains lie beside the project, not in it. A clone without them skips what needs them. */
export const VECTORS = join(import.meta.dirname, "../../../../../shared/vectors/android-keyattestation");

export const hasVectors = existsSync(join(VECTORS, "roots.json"));

export interface VectorChain {
	/** Path below the folder, such as `akita/sdk34/TEE_EC_NONE`. */
	readonly name: string;
	readonly chain: readonly Uint8Array[];
	/** The key description as Android's verifier reads it. */
	readonly expected: Readonly<Record<string, unknown>> | undefined;
}

/** Every chain of a folder and those below, by name. */
export function vectorChains(folder = join(VECTORS, "testdata")): VectorChain[] {
	if (!existsSync(folder)) return [];
	return readdirSync(folder, { recursive: true, encoding: "utf8" })
		.filter((path) => path.endsWith(".pem"))
		.sort()
		.map((path) => {
			const file = join(folder, path);
			const json = file.replace(/pem$/, "json");
			return {
				name: relative(folder, file).replace(/\.pem$/, ""),
				chain: certificatesIn(readFileSync(file, "utf8")),
				expected: existsSync(json) ? JSON.parse(readFileSync(json, "utf8").replace(/^\s*\/\/.*$/gm, "")) : undefined,
			};
		});
}

export function certificatesIn(pem: string): Uint8Array[] {
	const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
	return blocks.map((block) => Uint8Array.from(Buffer.from(block.replace(/-----[A-Z ]+-----/g, ""), "base64")));
}

export function readVectorText(name: string): string {
	return readFileSync(join(VECTORS, name), "utf8");
}
