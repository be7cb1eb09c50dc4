/** Hands a file to the person, as a download. */
export function saveFile(name: string, type: string, content: string | Uint8Array): void {
	const address = URL.createObjectURL(new Blob([typeof content === "string" ? content : Uint8Array.from(content)], { type }));
	const link = document.createElement("a");
	link.href = address;
	link.download = name;
	link.click();
	setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
