import type { SourceTree } from "./source-tree.ts";

/** Names of files and folders that say nothing of what is inside. */
const EMPTY_NAMES = ["utils", "util", "helpers", "helper", "common", "misc"];

/** Lines past which a file is asked what second thing it does, and past which it has to answer. */
export const LONG_FILE_LINES = 300;
export const TOO_LONG_FILE_LINES = 450;

/** Tables with a row for each fault, question or mutant, and nothing else in them: they are as long as the list that they explain. */
const TABLES = ["provisioning/handset/hardware-checklist.ts", "test/lab/faults.ts", "test/prove/mutants.ts"];

const KEBAB_CASE = /^[a-z0-9]+(?:-[a-z0-9]+)*(?:\.[a-z0-9]+(?:-[a-z0-9]+)*)*$/;

const isSource = (path: string) => /\.(?:tsx?|mjs|proto)$/.test(path);

/** Files and folders whose name says nothing, or is not kebab-case. */
export function nameViolations(tree: SourceTree): string[] {
	return [...tree.keys()].filter(isSource).flatMap((path) => {
		const parts = path.split("/");
		const empty = parts.find((part) => EMPTY_NAMES.includes(part.split(".")[0] ?? part));
		const odd = parts.find((part) => !KEBAB_CASE.test(part));
		return [
			...(empty ? [`${path}: "${empty}" does not say what is inside`] : []),
			...(odd ? [`${path}: "${odd}" is not kebab-case`] : []),
		];
	});
}

/** TypeScript files of more lines than asked, longest first, tables left out. */
export function longFiles(tree: SourceTree, lines: number): { path: string; lines: number }[] {
	return [...tree]
		.filter(([path]) => /\.tsx?$/.test(path) && !TABLES.includes(path))
		.map(([path, text]) => ({ path, lines: text.replace(/\n$/, "").split("\n").length }))
		.filter((file) => file.lines > lines)
		.sort((a, b) => b.lines - a.lines);
}

/** Default exports outside configuration files, whose tools ask for them. */
export function defaultExportViolations(tree: SourceTree): string[] {
	return [...tree]
		.filter(
			([path, text]) =>
				/\.tsx?$/.test(path) && !path.endsWith(".config.ts") && /^export (?:default\b|\{[^}]*\bas default\b)/m.test(text),
		)
		.map(([path]) => `${path}: a default export`);
}

/** What may stand in the top folder. */
const TOP_LEVEL = [
	...["proto", "agent", "provisioning", "test", "scripts", ".ci"],
	...["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md", "LICENSE", "NOTICE"],
	...["package.json", "package-lock.json", "tsconfig.json", ".biome.json", ".gitignore", ".gitattributes", ".editorconfig"],
];

/** Names in the top folder that nobody agreed on. */
export function topLevelViolations(tree: SourceTree): string[] {
	const names = new Set([...tree.keys()].map((path) => path.split("/")[0] ?? path));
	return [...names].filter((name) => !TOP_LEVEL.includes(name)).map((name) => `${name}: the top folder has no place for it`);
}
