import { BlockList, isIP } from "node:net";

/**
 * Reads which proxies a person trusts: `10.0.0.5,192.168.7.0/24`. A mere count of proxies is not taken: whoever reached the
 * registry directly could write as many addresses as it takes.
 *
 * @returns `undefined` for anything else, also for a network that holds every address: that would believe everybody.
 */
export function parseTrustedProxies(text: string): readonly string[] | undefined {
	const places = text.split(",").map((place) => place.trim());
	return places.every(isPlace) ? places : undefined;
}

function isPlace(place: string): boolean {
	const [address = "", bits, ...rest] = place.split("/");
	const version = isIP(address);
	if (version === 0 || rest.length > 0) return false;
	if (bits === undefined) return true;
	if (!/^[1-9]\d{0,2}$/.test(bits)) return false;
	try {
		new BlockList().addSubnet(address, Number(bits), version === 4 ? "ipv4" : "ipv6");
		return true;
	} catch {
		return false; // more bits than an address has
	}
}
