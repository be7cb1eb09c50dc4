/** One {@link USBDevice} that is about to be opened, made safe for Tango's connection. */
export interface GuardedUsb {
	/** The same device; its transfers never hang past the loss, and its writes never reject. */
	readonly device: USBDevice;
	/** What tells Tango's connection that the device left. */
	readonly usb: USB;
	/** Whether it was given up: unplugged, broken, closed. */
	readonly isLost: () => boolean;
	/** Closes the device and ends every transfer. Harmless twice; never throws. */
	readonly lose: () => void;
}

/**
 * Stands between Tango and the browser, for what Tango leaves open:
 *
 * - a write that fails before the disconnect event rejects a promise that nobody holds: here it loses the link, and is answered;
 * - a transfer that ends with "stall" or "babble" has no data, and is read all the same: here it loses the link;
 * - a cable that is pulled is told by a failed transfer, by an event, or by both in either order: here always by one event.
 */
export function guardUsb(usb: USB, raw: USBDevice): GuardedUsb {
	const events = new EventTarget();
	const ends = new Set<() => void>();
	let lost = false;

	const onDisconnect = (event: USBConnectionEvent) => {
		if (event.device === raw) lose();
	};
	const lose = () => {
		if (lost) return;
		lost = true;
		usb.removeEventListener("disconnect", onDisconnect);
		for (const end of ends) end();
		ends.clear();
		events.dispatchEvent(Object.assign(new Event("disconnect"), { device }));
		closeQuietly(raw);
	};
	/** Settles with the transfer, or with `otherwise` once the link is lost: a transfer of a dead phone may stay open for ever. */
	const orEnded = async <Result>(transfer: () => Promise<Result>, otherwise: () => Result): Promise<Result> => {
		if (lost) return otherwise();
		let end = () => {};
		try {
			return await Promise.race([
				transfer(),
				new Promise<Result>((resolve, reject) => {
					end = () => {
						try {
							resolve(otherwise());
						} catch (error) {
							reject(error);
						}
					};
					ends.add(end);
				}),
			]);
		} finally {
			ends.delete(end);
		}
	};
	const transferOut = async (endpoint: number, data: Uint8Array<ArrayBuffer>): Promise<USBOutTransferResult> => {
		const answered = { bytesWritten: data.byteLength, status: "ok" } as const;
		try {
			const result = await orEnded(
				() => raw.transferOut(endpoint, data),
				() => answered,
			);
			if (result.status !== "ok") lose();
		} catch {
			lose();
		}
		return answered;
	};
	const transferIn = async (endpoint: number, length: number): Promise<USBInTransferResult> => {
		const gone = () => {
			// The name that Tango waits for an event after.
			throw new DOMException("the phone left", "NetworkError");
		};
		let result: USBInTransferResult;
		try {
			result = await orEnded(() => raw.transferIn(endpoint, length), gone);
		} catch {
			lose();
			return gone();
		}
		if (result.status === "ok" && result.data) return result;
		lose();
		return gone();
	};
	const close = async () => lose();

	const device = overriding(raw, { transferIn, transferOut, close });
	usb.addEventListener("disconnect", onDisconnect);
	return {
		device,
		usb: overriding(usb, {
			addEventListener: events.addEventListener.bind(events),
			removeEventListener: events.removeEventListener.bind(events),
		}),
		isLost: () => lost,
		lose,
	};
}

/** Closes a device whatever state it is in, and waits for nothing. */
export function closeQuietly(raw: USBDevice): void {
	raw.close().catch(() => {}); // it may have left already
}

/** The same object with some members replaced. A browser's own methods insist on their real `this`. */
function overriding<Target extends object>(target: Target, members: Readonly<Record<string, unknown>>): Target {
	return new Proxy(target, {
		get(_, name) {
			if (typeof name === "string" && Object.hasOwn(members, name)) return members[name];
			const value: unknown = Reflect.get(target, name, target);
			return typeof value === "function" ? value.bind(target) : value;
		},
	});
}
