import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { TUF_TABLE, type TufAnswer } from "../../test/proto/tuf-table.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** What becomes of each test of TUF's conformance suite here, as a page. @throws if a test that it names is gone. */
export function tufPage(): string {
	const answers = Object.values(TUF_TABLE);
	const held = answers.filter((answer) => "test" in answer).length;
	const differs = answers.filter((answer) => "test" in answer && answer.differs !== undefined).length;
	return `# TUF's conformance tests, and ours

Written by \`npm run docs\` from \`test/proto/tuf-table.ts\`; a test fails when it is stale or when a test that it names is gone. The names are those of
[theupdateframework/tuf-conformance](https://github.com/theupdateframework/tuf-conformance) at eec841c, ${answers.length} of them. ${held} are held by a test of ours, ${differs} of
these on purpose in another way, which the row says. ${answers.length - held} have nothing to hold here: TUF distributes files, this wire carries whole messages.

| TUF's test | here |
| --- | --- |
${Object.entries(TUF_TABLE)
	.map(([name, answer]) => `| \`${name}\` | ${wordsOf(answer)} |`)
	.join("\n")}
`;
}

function wordsOf(answer: TufAnswer): string {
	if ("none" in answer) return `cannot apply: ${answer.none}`;
	const { file, test, differs } = answer;
	const index = readFileSync(join(ROOT, file), "utf8")
		.split("\n")
		.findIndex((line) => line.includes(`"${test}`));
	if (index < 0) throw new Error(`${file} has no test "${test}"`);
	const link = `[${file.split("/").at(-1)}:${index + 1}](../${file}#L${index + 1}) "${test}"`;
	return differs === undefined ? link : `${link}. Differs: ${differs}`;
}
