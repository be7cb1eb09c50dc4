import { isIPv6 } from "node:net";

/** Groups of an IPv6 address that name a subscriber; the other four are the subscriber's own to change. */
const SUBSCRIBER_GROUPS = 4;

/**
 * Who asks, for a rate limit: an IPv4 address as it is, an IPv6 address by its first 64 bits, because one subscriber has all
 * 2^64 addresses behind them (RFC 6177, RFC 4291 section 2.5.4).
 */
export function networkOf(ip: string): string {
	const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(ip)?.[1];
	if (mapped !== undefined) return mapped;
	if (!isIPv6(ip)) return ip;
	const [head = "", tail] = (ip.split("%")[0] ?? "").split("::");
	const first = head === "" ? [] : head.split(":");
	const last = tail === undefined || tail === "" ? [] : tail.split(":");
	// An IPv4 tail takes two groups; it never reaches into the first four.
	const taken = first.length + last.length + (last.at(-1)?.includes(".") ? 1 : 0);
	const groups = tail === undefined ? first : [...first, ...Array<string>(Math.max(0, 8 - taken)).fill("0"), ...last];
	const prefix = groups.slice(0, SUBSCRIBER_GROUPS).map((group) => Number.parseInt(group, 16).toString(16));
	return `${prefix.join(":")}::/64`;
}
