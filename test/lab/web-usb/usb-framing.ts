/** ADB on USB: header and payload are two transfers, and a transfer of whole packets ends with an empty one. */
const HEADER = 24;

/** Length of the payload that a header announces. */
function payloadLength(header: Uint8Array): number {
	return new DataView(header.buffer, header.byteOffset).getUint32(12, true);
}

/** What a host sends must keep USB's rules, which TCP does not have: a phone would hang where they are broken. */
export class OutRules {
	#payload = 0;
	#emptyDue = false;

	/** @param broken told of each rule that was broken, in words. */
	constructor(
		readonly packetSize: number,
		readonly broken: (rule: string) => void,
	) {}

	check(data: Uint8Array): void {
		if (data.length === 0) {
			if (!this.#emptyDue) this.broken("an empty transfer that nobody needs");
			this.#emptyDue = false;
			return;
		}
		if (this.#emptyDue) this.broken("no empty transfer after whole packets");
		if (this.#payload > 0) {
			if (data.length !== this.#payload) this.broken(`a payload of ${data.length} bytes, ${this.#payload} announced`);
			this.#payload = 0;
		} else if (data.length === HEADER) this.#payload = payloadLength(data);
		else this.broken(`a header of ${data.length} bytes`);
		this.#emptyDue = data.length % this.packetSize === 0;
	}
}

/** Cuts what adbd sends over TCP into the transfers that a phone would make. */
export class InTransfers {
	#received: Uint8Array = new Uint8Array();
	#payload = 0;

	/** The transfers that are whole now. */
	add(data: Uint8Array): Uint8Array[] {
		const bytes = new Uint8Array(this.#received.length + data.length);
		bytes.set(this.#received);
		bytes.set(data, this.#received.length);
		const transfers: Uint8Array[] = [];
		let at = 0;
		for (let next = this.#payload || HEADER; bytes.length - at >= next; next = this.#payload || HEADER) {
			const part = bytes.slice(at, at + next);
			at += next;
			this.#payload = this.#payload > 0 ? 0 : payloadLength(part);
			transfers.push(part);
		}
		this.#received = bytes.slice(at);
		return transfers;
	}
}
