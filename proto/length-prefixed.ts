/**
 * Fields one after the other, each behind its length as two bytes, big-endian: two different lists of fields never give the same
 * bytes, so that what was made for one purpose cannot be taken for another.
 *
 * @throws {RangeError} for a field of more than 65,535 bytes.
 */
export function lengthPrefixed(...fields: readonly Uint8Array[]): Uint8Array {
	const joined = new Uint8Array(fields.reduce((length, field) => length + 2 + field.length, 0));
	let offset = 0;
	for (const field of fields) {
		if (field.length > 0xffff) throw new RangeError("a field of more than 65,535 bytes");
		joined.set([field.length >> 8, field.length & 0xff], offset);
		joined.set(field, offset + 2);
		offset += 2 + field.length;
	}
	return joined;
}
