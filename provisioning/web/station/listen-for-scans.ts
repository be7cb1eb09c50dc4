import { createScannerEar } from "./scanner.ts";

type Field = HTMLInputElement | HTMLTextAreaElement;

/**
 * Calls back with each code that a scanner types, wherever the focus is. What the scanner typed into a field is taken out again, and
 * its Enter presses no button.
 *
 * @returns how to stop it.
 */
export function listenForScans(target: Window, onScan: (text: string) => void): () => void {
	const ear = createScannerEar();
	let before: { field: Field; value: string } | undefined;
	const onKeyDown = (event: KeyboardEvent) => {
		if (event.isComposing) return;
		const isOdd = event.repeat || event.ctrlKey || event.altKey || event.metaKey;
		const field = fieldOf(event.target);
		const heard = ear({ key: event.key, atMs: event.timeStamp, isOdd });
		if (heard.kind === "first") before = field && { field, value: field.value };
		if (heard.kind === "quick" && !field) event.preventDefault(); // a blank would press the button in focus
		if (heard.kind !== "scan") return;
		event.preventDefault();
		event.stopPropagation();
		if (before && before.field === field) putBack(before.field, before.value);
		before = undefined;
		onScan(heard.text);
	};
	target.addEventListener("keydown", onKeyDown, { capture: true });
	return () => target.removeEventListener("keydown", onKeyDown, { capture: true });
}

function fieldOf(target: EventTarget | null): Field | undefined {
	return target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement ? target : undefined;
}

/** React hears of a value only through the prototype's own setter and an event. */
function putBack(field: Field, value: string): void {
	const prototype = field instanceof HTMLInputElement ? HTMLInputElement.prototype : HTMLTextAreaElement.prototype;
	Object.getOwnPropertyDescriptor(prototype, "value")?.set?.call(field, value);
	field.dispatchEvent(new Event("input", { bubbles: true }));
}
