/** What is put in the place of a text that no two runs share. */
export interface TextMask {
	/** Source of a regular expression. */
	readonly pattern: string;
	readonly shown: string;
}

/** Digests, ids and addresses: random by their nature, so that a picture of them says nothing. */
const ALWAYS: readonly TextMask[] = [
	{ pattern: "(?:127\\.0\\.0\\.1|localhost):\\d+", shown: "lender.example" },
	{ pattern: "\\bHF-[0-9A-F]{16}\\b", shown: "HF-0123456789ABCDEF" },
	{ pattern: "\\b(?:[0-9A-Z]{4}-){3}[0-9A-Z]\\b", shown: "ABCD-EFGH-JKMN-P" },
	{ pattern: "\\b[0-9a-f]{64}\\b", shown: "0123456789abcdef".repeat(4) },
	{ pattern: "\\b[0-9a-f]{32}\\b", shown: "0123456789abcdef".repeat(2) },
	{ pattern: "\\b[0-9a-f]{20}\\b", shown: "0123456789abcdef0123" },
	{ pattern: "\\b[0-9a-f]{8}-[0-9a-f-]{27}\\b", shown: "01234567-89ab-cdef-0123-456789abcdef" },
];

interface Steady {
	readonly hidden: readonly string[];
	readonly masks: readonly TextMask[];
}

/**
 * Sources of two functions for a page: one that makes it look the same in every run, one that undoes it. Text is written over in
 * place, so that React finds its own again.
 */
export function steadyScript({ hidden, masks }: Steady): { readonly apply: string; readonly undo: string } {
	const table = JSON.stringify([...masks, ...ALWAYS]);
	return {
		apply: `() => {
			const masks = ${table}.map(({ pattern, shown }) => [new RegExp(pattern, "g"), shown]);
			const over = (text) => masks.reduce((now, [pattern, shown]) => now.replace(pattern, shown), text);
			const changed = [];
			const put = (target, name, next) => {
				if (next === target[name]) return;
				changed.push([target, name, target[name], next]);
				target[name] = next;
			};
			const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
			while (texts.nextNode()) put(texts.currentNode, "nodeValue", over(texts.currentNode.nodeValue));
			for (const field of document.querySelectorAll("input:not([type=checkbox], [type=radio], [type=file], [type=range]), textarea")) put(field, "value", over(field.value));
			for (const each of document.querySelectorAll(${JSON.stringify(hidden.join(",") || "no-such-element")})) put(each.style, "filter", "contrast(0)");
			const sheet = new CSSStyleSheet();
			sheet.replaceSync("*, ::before, ::after { caret-color: transparent !important; animation: none !important; transition: none !important; }");
			document.adoptedStyleSheets.push(sheet);
			window.steadied = { changed, sheet };
		}`,
		undo: `() => {
			const { changed, sheet } = window.steadied;
			for (const [target, name, before, shown] of changed) if (target[name] === shown) target[name] = before;
			document.adoptedStyleSheets = document.adoptedStyleSheets.filter((each) => each !== sheet);
		}`,
	};
}
