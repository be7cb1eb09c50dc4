/** Reads the string out of `service call`'s hex words, by the format alone: an independent check of what the phone prints. */
export function parseSubscriberParcel(text: string): string | undefined {
	const words = [...text.replace(/'[^\n]*'/g, "").matchAll(/(?<![0-9a-fx])[0-9a-f]{8}(?![0-9a-f:])/g)].map(([word]) => word);
	const [, length] = words;
	if (length === undefined || length === "ffffffff") return undefined;
	const units = words.slice(2).flatMap((word) => [Number.parseInt(word.slice(4), 16), Number.parseInt(word.slice(0, 4), 16)]);
	return String.fromCharCode(...units.slice(0, Number.parseInt(length, 16)));
}
