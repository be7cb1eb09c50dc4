import type { Change, Part, Word } from "./syntax.ts";

export type Token =
	| {
			readonly kind: "word";
			readonly word: Word /** Unquoted text, for reserved words. */;
			readonly plain?: string;
	  }
	| { readonly kind: "operator"; readonly text: string };

/** Thrown for what the phone's shell would call a syntax error. */
export class ShellSyntaxError extends Error {}

const OPERATORS = ["&&", "||", ";;", ">>", ">&", "<", ">", "|", ";", "&", "(", ")", "\n"];

/** Cuts a script into words and operators. A redirection of a descriptor keeps its digit: `2>` is one operator. */
export function tokenize(script: string): Token[] {
	const tokens: Token[] = [];
	let at = 0;
	while (at < script.length) {
		const rest = script.slice(at);
		const blank = /^(?:[ \t\r]|\\\n)+/.exec(rest);
		if (blank) {
			at += blank[0].length;
			continue;
		}
		if (rest.startsWith("#")) {
			at += /^[^\n]*/.exec(rest)?.[0].length ?? 0;
			continue;
		}
		const numbered = /^[012](?=[<>])/.exec(rest)?.[0] ?? "";
		const operator = OPERATORS.find((candidate) => rest.startsWith(candidate, numbered.length));
		if (operator) {
			tokens.push({ kind: "operator", text: numbered + operator });
			at += numbered.length + operator.length;
			continue;
		}
		const { word, length, plain } = readWord(rest);
		tokens.push({
			kind: "word",
			word,
			...(plain === undefined ? {} : { plain }),
		});
		at += length;
	}
	return tokens;
}

function readWord(text: string): {
	word: Word;
	length: number;
	plain?: string;
} {
	const parts: Part[] = [];
	let at = 0;
	let onlyPlain = true;
	const literal = (piece: string, quoted: boolean) => {
		const last = parts.at(-1);
		if (last?.kind === "text" && last.quoted === quoted) parts[parts.length - 1] = { ...last, text: last.text + piece };
		else parts.push({ kind: "text", text: piece, quoted });
	};
	while (at < text.length) {
		const character = text[at] ?? "";
		if (" \t\r\n;&|<>()".includes(character)) break;
		if (character === "'") {
			const end = text.indexOf("'", at + 1);
			if (end < 0) throw new ShellSyntaxError("no closing quote");
			literal(text.slice(at + 1, end), true);
			at = end + 1;
		} else if (character === '"') {
			at = readQuoted(text, at + 1, parts, literal);
		} else if (character === "\\") {
			literal(text[at + 1] ?? "", true);
			at += 2;
		} else if (character === "$" || character === "`") {
			at = readExpansion(text, at, false, parts, literal);
		} else {
			literal(character, false);
			at += 1;
			continue;
		}
		onlyPlain = false;
	}
	return {
		word: parts,
		length: at,
		...(onlyPlain ? { plain: text.slice(0, at) } : {}),
	};
}

function readQuoted(text: string, from: number, parts: Part[], literal: (piece: string, quoted: boolean) => void): number {
	let at = from;
	literal("", true); // an empty pair of quotes is a word
	while (at < text.length && text[at] !== '"') {
		const character = text[at] ?? "";
		if (character === "\\" && '"\\$`\n'.includes(text[at + 1] ?? " ")) {
			if (text[at + 1] !== "\n") literal(text[at + 1] ?? "", true);
			at += 2;
		} else if (character === "$" || character === "`") {
			at = readExpansion(text, at, true, parts, literal);
		} else {
			literal(character, true);
			at += 1;
		}
	}
	if (at >= text.length) throw new ShellSyntaxError("no closing quote");
	return at + 1;
}

function readExpansion(
	text: string,
	at: number,
	quoted: boolean,
	parts: Part[],
	literal: (piece: string, quoted: boolean) => void,
): number {
	const rest = text.slice(at);
	if (rest.startsWith("$((")) {
		const end = text.indexOf("))", at);
		if (end < 0) throw new ShellSyntaxError("no closing ))");
		parts.push({ kind: "arithmetic", text: text.slice(at + 3, end), quoted });
		return end + 2;
	}
	if (rest.startsWith("$(")) {
		const end = closing(text, at + 1);
		parts.push({ kind: "output", script: text.slice(at + 2, end), quoted });
		return end + 1;
	}
	if (rest.startsWith("`")) {
		const end = text.indexOf("`", at + 1);
		if (end < 0) throw new ShellSyntaxError("no closing quote");
		parts.push({ kind: "output", script: text.slice(at + 1, end), quoted });
		return end + 1;
	}
	const braced = /^\$\{([A-Za-z_]\w*|[0-9?#@*])(?:(:?-|##?|%%?)([^}]*))?\}/.exec(rest);
	if (braced) {
		const [all, name = "", operator, value = ""] = braced;
		parts.push({
			kind: "variable",
			name,
			...(operator === undefined ? {} : { change: changeOf(operator, value) }),
			quoted,
		});
		return at + all.length;
	}
	const plain = /^\$([A-Za-z_]\w*|[0-9?#@*$])/.exec(rest);
	if (plain) {
		parts.push({ kind: "variable", name: plain[1] ?? "", quoted });
		return at + plain[0].length;
	}
	literal("$", quoted);
	return at + 1;
}

function changeOf(operator: string, text: string): Change {
	return operator === "#" || operator === "##" || operator === "%" || operator === "%%"
		? { operator, text }
		: { operator: "-", text };
}

/** Index of the parenthesis that closes the one at `open`, quotes and nesting heeded. */
function closing(text: string, open: number): number {
	let depth = 0;
	for (let at = open; at < text.length; at += 1) {
		const character = text[at];
		if (character === "\\") at += 1;
		else if (character === "'") at = text.indexOf("'", at + 1) < 0 ? text.length : text.indexOf("'", at + 1);
		else if (character === "(") depth += 1;
		else if (character === ")") {
			depth -= 1;
			if (depth === 0) return at;
		}
	}
	throw new ShellSyntaxError("no closing parenthesis");
}
