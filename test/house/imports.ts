/** One place where a file names a module: `import`, `export ... from`, `import()`, `import("x").Type` or `require`. */
export interface Import {
	/** As written, or `undefined` where it is computed. */
	readonly specifier: string | undefined;
	/** `import()` or `require()`: happens when it is reached, not when the file is loaded. */
	readonly isDynamic: boolean;
}

/**
 * The imports of a TypeScript file, of types too. A module name is a string literal after `from`, `import`, `import(` or
 * `require(`; comments, other strings, templates and regular expressions are passed over.
 */
export function importsOf(text: string): Import[] {
	const imports: Import[] = [];
	let code = ""; // everything so far, literals and comments left out
	for (let index = 0; index < text.length; ) {
		const literal = literalAt(text, index, code);
		if (literal === undefined) {
			code += text[index];
			index += 1;
			if (/\b(?:import|require)\s*\($/.test(code) && !/\.\s*(?:import|require)\s*\($/.test(code)) {
				const argument = text.slice(index).replace(/^(?:\s|\/\*[\s\S]*?\*\/|\/\/[^\n]*\n)*/, "");
				if (!/^(?:"[^"\n]*"|'[^'\n]*')\s*[,)]/.test(argument)) imports.push({ specifier: undefined, isDynamic: true });
			}
			continue;
		}
		const isString = text[index] === '"' || text[index] === "'";
		if (isString) {
			const specifier = text.slice(index + 1, literal - 1);
			const isArgument = /\b(?:import|require)\s*\(\s*$/.test(code);
			if (isArgument && /^\s*[,)]/.test(text.slice(literal))) imports.push({ specifier, isDynamic: true });
			else if (/(?:^|[\s;}])(?:from|import)\s*$/.test(code)) imports.push({ specifier, isDynamic: false });
		}
		const isComment = text[index] === "/" && (text[index + 1] === "/" || text[index + 1] === "*");
		code += isComment ? " " : '""';
		index = literal;
	}
	return imports;
}

/** Index after the comment, string, template or regular expression that begins here; `undefined` if none does. */
function literalAt(text: string, start: number, before: string): number | undefined {
	const two = text.slice(start, start + 2);
	if (two === "//") return after(text, "\n", start, -1);
	if (two === "/*") return after(text, "*/", start + 2);
	const first = text[start];
	if (first === '"' || first === "'") return endOfQuoted(text, start, first);
	if (first === "`") return endOfTemplate(text, start);
	// A slash where a value may begin is a regular expression; after a value it divides.
	if (first === "/" && /(?:^|[(,=:[!&|?{};+\-*%<>~^]|=>|\b(?:return|typeof|case|in|of|do|else))\s*$/.test(before.slice(-40))) {
		return endOfExpression(text, start);
	}
	return undefined;
}

function after(text: string, end: string, from: number, correction = 0): number {
	const found = text.indexOf(end, from);
	return found < 0 ? text.length : found + end.length + correction;
}

function endOfQuoted(text: string, start: number, quote: string): number {
	for (let index = start + 1; index < text.length; index += 1) {
		if (text[index] === "\\") index += 1;
		else if (text[index] === quote) return index + 1;
	}
	return text.length;
}

function endOfTemplate(text: string, start: number): number {
	for (let index = start + 1; index < text.length; index += 1) {
		if (text[index] === "\\") index += 1;
		else if (text[index] === "`") return index + 1;
		else if (text[index] === "$" && text[index + 1] === "{") index = endOfSubstitution(text, index + 2);
	}
	return text.length;
}

/** Index of the brace that closes `${`. An import inside a template is not looked for: nobody can write a static one there. */
function endOfSubstitution(text: string, start: number): number {
	let depth = 1;
	for (let index = start; index < text.length; index += 1) {
		const end = literalAt(text, index, text.slice(start, index));
		if (end !== undefined) index = end - 1;
		else if (text[index] === "{") depth += 1;
		else if (text[index] === "}") {
			depth -= 1;
			if (depth === 0) return index;
		}
	}
	return text.length;
}

function endOfExpression(text: string, start: number): number {
	let inClass = false;
	for (let index = start + 1; index < text.length && text[index] !== "\n"; index += 1) {
		if (text[index] === "\\") index += 1;
		else if (text[index] === "[") inClass = true;
		else if (text[index] === "]") inClass = false;
		else if (text[index] === "/" && !inClass) return index + 1;
	}
	return text.length;
}
