import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** A part of the repository: path from its root, with slashes, to text. */
export type SourceTree = ReadonlyMap<string, string>;

/** The repository's root folder, with a slash at its end. */
export const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** Every text file that is committed, or would be by `git add .`. */
export function readSourceTree(): SourceTree {
	const listed = execFileSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], {
		cwd: ROOT,
		encoding: "utf8",
	});
	const tree = new Map<string, string>();
	for (const path of new Set(listed.split("\0").filter(Boolean))) {
		const text = readText(path);
		if (text !== undefined) tree.set(path, text);
	}
	return tree;
}

function readText(path: string): string | undefined {
	try {
		const bytes = readFileSync(ROOT + path);
		return bytes.includes(0) ? undefined : bytes.toString("utf8"); // a NUL: not text
	} catch {
		return undefined; // removed but not yet committed
	}
}
