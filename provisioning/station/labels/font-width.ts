/**
 * Advance of font 0 (CG Triumvirate Bold Condensed) in parts of its height, rounded up by class of character. The printer has the real
 * table and does not tell it; a text that is measured a little too wide is only printed a little smaller than it could be.
 */
const CLASSES: readonly (readonly [RegExp, number])[] = [
	[/^[ilj.,:;'|!()[\]I/]$/, 0.36],
	[/^[mwMW@%&]$/, 0.88],
	[/^[\dA-Z#+=-]$/, 0.6],
	[/^[a-z ]$/, 0.53],
	[/^[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}]$/u, 0.66],
];
/** Wide scripts, and whatever the font shows as a box. */
const WIDEST = 1.05;

/** Width of a text in font 0, in dots, a little too wide rather than too narrow. */
export function fontWidth(text: string, height: number): number {
	let parts = 0;
	for (const character of text) parts += CLASSES.find(([pattern]) => pattern.test(character))?.[1] ?? WIDEST;
	return Math.ceil(parts * height);
}

/** The tallest height, `most` to `least`, at which a text is at most `width` dots wide; `undefined` if even `least` is too wide. */
export function fittingHeight(text: string, width: number, most: number, least: number): number | undefined {
	for (let height = most; height >= least; height -= 1) if (fontWidth(text, height) <= width) return height;
	return undefined;
}

/** A text cut, with two dots at its end, so that it fits. Whole if it fits already. */
export function cutToWidth(text: string, width: number, height: number): string {
	if (fontWidth(text, height) <= width) return text;
	const characters = [...text];
	while (characters.length > 0 && fontWidth(`${characters.join("")}..`, height) > width) characters.pop();
	return `${characters.join("")}..`;
}

/** A text in lines that fit, cut at any character: for names that must be whole. */
export function linesOfWidth(text: string, width: number, height: number): string[] {
	const lines: string[] = [];
	let line = "";
	for (const character of text) {
		if (line !== "" && fontWidth(line + character, height) > width) {
			lines.push(line);
			line = "";
		}
		line += character;
	}
	return line === "" ? lines : [...lines, line];
}
