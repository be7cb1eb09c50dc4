/** Where a symbol's bytes lie in a 64-bit little-endian ELF file. */
interface Place {
	readonly offset: number;
	readonly size: number;
}

/** IPv4-mapped 127.0.0.1. */
const LOOPBACK = Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 127, 0, 0, 1);

/**
 * Makes "any address" mean loopback in a copy of libc: adbd asks nobody for a key and binds `in6addr_any`, so without this
 * everybody on the network would have a shell here. Only `in6addr_any` is changed; adbd uses it for its listening socket.
 *
 * @returns false, and nothing changed, when the file is not as expected.
 */
export function bindLoopbackOnly(libc: Uint8Array): boolean {
	const place = placeOf(libc, "in6addr_any");
	if (place?.size !== 16) return false;
	const bytes = libc.subarray(place.offset, place.offset + 16);
	if (bytes.some((byte) => byte !== 0)) return false;
	bytes.set(LOOPBACK);
	return true;
}

const SHT_DYNSYM = 11;

function placeOf(elf: Uint8Array, symbol: string): Place | undefined {
	const view = new DataView(elf.buffer, elf.byteOffset, elf.length);
	if (elf.length < 64 || view.getUint32(0) !== 0x7f454c46 || elf[4] !== 2 || elf[5] !== 1) return undefined;
	const at64 = (offset: number) => Number(view.getBigUint64(offset, true));
	const sections = Array.from({ length: view.getUint16(60, true) }, (_, index) => {
		const header = at64(40) + index * view.getUint16(58, true);
		return {
			type: view.getUint32(header + 4, true),
			address: at64(header + 16),
			offset: at64(header + 24),
			size: at64(header + 32),
			link: view.getUint32(header + 40, true),
		};
	});
	const symbols = sections.find(({ type }) => type === SHT_DYNSYM);
	const names = symbols && sections[symbols.link];
	if (!symbols || !names) return undefined;
	const wanted = new TextEncoder().encode(`${symbol}\0`);
	for (let entry = symbols.offset; entry < symbols.offset + symbols.size; entry += 24) {
		const name = names.offset + view.getUint32(entry, true);
		if (!wanted.every((byte, index) => elf[name + index] === byte)) continue;
		const address = at64(entry + 8);
		const section = sections[view.getUint16(entry + 6, true)];
		if (!section) return undefined;
		return {
			offset: address - section.address + section.offset,
			size: at64(entry + 16),
		};
	}
	return undefined;
}
