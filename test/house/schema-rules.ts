import type { SourceTree } from "./source-tree.ts";

/**
 * Scalars that have one encoding and one meaning in every language. Not among them: floating point, whose NaN and zero have
 * several; sint and fixed64, which the codec does not bound; and maps, which have no order.
 */
const SCALARS = ["string", "bytes", "bool", "int32", "uint32", "uint64", "fixed32"];

/** Schemas in which a message, an enum or a field has no comment line before it, or a field's type has no single encoding. */
export function schemaViolations(tree: SourceTree): string[] {
	return [...tree].filter(([path]) => path.endsWith(".proto")).flatMap(([path, text]) => violationsIn(path, text));
}

function violationsIn(path: string, text: string): string[] {
	const violations: string[] = [];
	const blocks: string[] = [];
	let previous = "";
	for (const [index, whole] of text.split("\n").entries()) {
		const at = `${path}:${index + 1}`;
		const isCommented = previous.trim().startsWith("//");
		if (whole.trim() !== "" || previous.trim() === "") previous = whole;
		else previous = ""; // a comment stands directly before what it explains
		const line = whole.replace(/\/\/.*$/, "").trim();
		const block = /^(message|enum|oneof)\s+(\w+)\s*\{/.exec(line);
		const field = /^(?:(repeated|optional)\s+)?([\w.]+|map\s*<.*>)\s+(\w+)\s*=\s*\d+/.exec(line);
		if (block) {
			const [, kind = "", name = ""] = block;
			if (kind !== "oneof" && !isCommented) violations.push(`${at}: ${kind} ${name} has no comment before it`);
			if (!line.endsWith("}")) blocks.push(kind);
		} else if (line.startsWith("}")) {
			blocks.pop();
		} else if (field && blocks.at(-1) !== "enum" && blocks.length > 0) {
			const [, , type = "", name = ""] = field;
			if (!isCommented) violations.push(`${at}: field ${name} has no comment before it`);
			if (/^[a-z]/.test(type) && !type.includes(".") && !SCALARS.includes(type)) {
				violations.push(`${at}: field ${name} is ${type}, which has no single encoding here`);
			}
		} else if (/^(?:group|extensions|extend)\b/.test(line)) {
			violations.push(`${at}: ${line.split(" ")[0]} is not used here`);
		}
	}
	return violations;
}
