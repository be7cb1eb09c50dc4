import type { SourceTree } from "./source-tree.ts";

/** Put together here so that this file does not find itself. */
const absolute = (...folders: string[]) => new RegExp(`(?<![\\w./~$}*)-])/(?:${folders.join("|")})/[\\w.]`);

const FORBIDDEN: readonly { why: string; pattern: RegExp }[] = [
	{ why: "a path on somebody's machine", pattern: absolute("work", "root", "home", "Users") },
	{
		why: "a document that a clone does not have",
		pattern: /\b(?:design|style)\.md\b|\bdesign section \d|\b(?:knowledge|spikes)\/[a-z-]+/,
	},
	{
		why: "a word about how it was built, not about what it is",
		pattern: /\bco-founder\b|\bas an AI\b|\bgenerated with\b.*\b(?:AI|LLM)\b/i,
	},
];

/** Lines that speak of a machine or a workplace instead of the project. */
export function textViolations(tree: SourceTree): string[] {
	const violations: string[] = [];
	for (const [path, text] of tree) {
		if (path === "test/house/text-rules.ts" || path === "test/house/rules.test.ts") continue; // they spell out what they forbid
		for (const [index, line] of text.split("\n").entries()) {
			for (const { why, pattern } of FORBIDDEN) {
				if (pattern.test(line)) violations.push(`${path}:${index + 1}: ${why}: ${line.trim().slice(0, 100)}`);
			}
		}
	}
	return violations;
}
