import { readFileSync } from "node:fs";
import { join } from "node:path";

/** What may ship inside or beside Apache-2.0 code without a condition on how the whole is licensed. SPDX names. */
const ALLOWED: readonly string[] = [
	...["0BSD", "Apache-2.0", "BlueOak-1.0.0", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "ISC", "MIT", "MIT-0", "MIT/X11"],
	...["PostgreSQL", "Python-2.0", "Unlicense", "Zlib", "OFL-1.1"],
];

/** What is inside and comes by no npm package: name, licence and where it stands. */
export const VENDORED: readonly Licensed[] = [
	{ name: "QuickJS-ng (in the APK; built from Debian's source)", version: "pinned in scripts/apk", licence: "MIT" },
];

/** Packages whose manifest names none, by the licence in their LICENSE file as somebody read it. By version: the next may have another. */
const READ_BY_HAND: Readonly<Record<string, string>> = { "png-js@2.0.0": "MIT" };

export interface Licensed {
	readonly name: string;
	readonly version: string;
	/** As the package says it: an SPDX expression, or nothing. */
	readonly licence: string;
}

/** Whether an SPDX expression leaves a choice that is allowed. One that is not understood is not. */
export function isAllowed(expression: string): boolean {
	const words = expression.match(/[()]|[^\s()]+/g) ?? [];
	let at = 0;
	const either = (): boolean => {
		let value = both();
		while (words[at] === "OR") {
			at += 1;
			value = both() || value;
		}
		return value;
	};
	const both = (): boolean => {
		let value = single();
		while (words[at] === "AND") {
			at += 1;
			value = single() && value;
		}
		return value;
	};
	const single = (): boolean => {
		const word = words[at++];
		if (word !== "(") return word !== undefined && ALLOWED.includes(word);
		const value = either();
		return words[at++] === ")" && value;
	};
	const value = either();
	return at === words.length && value;
}

/** Every package that is installed with ours, by the lock file, with the licence that it names itself. Optional ones of other systems are read from the lock file. */
export function shippedPackages(root: string): Licensed[] {
	const lock: unknown = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8"));
	const packages = entries(field(lock, "packages"));
	return packages
		.filter(
			([path, entry]) => path.startsWith("node_modules/") && field(entry, "dev") !== true && field(entry, "devOptional") !== true,
		)
		.map(([path, entry]) => {
			const name = path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length);
			const version = text(field(entry, "version"));
			const said = text(field(entry, "license")) || licenceOf(join(root, path));
			return { name, version, licence: said || (READ_BY_HAND[`${name}@${version}`] ?? "") };
		})
		.sort((a, b) => (`${a.name}@${a.version}` < `${b.name}@${b.version}` ? -1 : 1));
}

function licenceOf(folder: string): string {
	try {
		const manifest: unknown = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
		const licence = field(manifest, "license");
		return typeof licence === "string" ? licence : text(field(licence, "type"));
	} catch {
		return "";
	}
}

function entries(value: unknown): [string, unknown][] {
	return typeof value === "object" && value !== null ? Object.entries(value) : [];
}

function field(value: unknown, name: string): unknown {
	return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}

function text(value: unknown): string {
	return typeof value === "string" ? value : "";
}
