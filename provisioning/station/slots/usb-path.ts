/** Where a USB path leads: which bus, and which socket of the computer. */
export interface UsbPlace {
	/** Number of the bus, 1 and up. Buses of the two speeds of one controller have two numbers. */
	readonly bus: number;
	/** Ports from the computer's own socket outwards: `1-4.2` is [4, 2]. Empty for the bus itself. */
	readonly ports: readonly number[];
}

/** Linux: `1-4.2`. Ports of a hub go up to 255, and a chain has seven tiers at most (USB 2.0, 4.1.1). */
const LINUX = /^([1-9]\d{0,2})-([1-9]\d{0,2}(?:\.[1-9]\d{0,2}){0,6})$/;
/** macOS: the location id in decimal and an X (adb, `client/usb_osx.cpp`): bus in the top byte, then a port in each half byte. */
const MAC = /^([1-9]\d{0,9})X$/;

/** Reads a path as adb writes it after `usb:`; `undefined` for one that is of no known form, such as a network address. */
export function usbPlace(path: string): UsbPlace | undefined {
	const [, bus, chain] = LINUX.exec(path) ?? [];
	if (bus !== undefined && chain !== undefined) return { bus: Number(bus), ports: chain.split(".").map(Number) };
	const location = Number(MAC.exec(path)?.[1] ?? Number.NaN);
	if (!Number.isInteger(location) || location > 0xffffffff) return undefined;
	const digits = location.toString(16).padStart(8, "0");
	return {
		bus: Number.parseInt(digits.slice(0, 2), 16),
		ports: [...digits.slice(2).replace(/0+$/, "")].map((digit) => Number.parseInt(digit, 16)),
	};
}

/** The hub that all these paths hang on, as a path such as `1-4`, or `usb1` for the bus; `undefined` if they share nothing. */
export function sharedHub(paths: readonly string[]): string | undefined {
	const places = paths.map(usbPlace);
	const first = places[0];
	if (first === undefined || places.some((place) => place?.bus !== first.bus)) return undefined;
	// The last port is the phone's own, so a hub is at most what is before it.
	let depth = 0;
	while (
		places.every((place) => place !== undefined && depth < place.ports.length - 1 && place.ports[depth] === first.ports[depth])
	)
		depth += 1;
	return depth === 0 ? `usb${first.bus}` : `${first.bus}-${first.ports.slice(0, depth).join(".")}`;
}
