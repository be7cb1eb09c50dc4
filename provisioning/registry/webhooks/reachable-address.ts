import ipaddr from "ipaddr.js";

/** Global unicast, the only part of IPv6 that is given out (RFC 4291 section 2.4). */
const GLOBAL_UNICAST = ipaddr.IPv6.parseCIDR("2000::/3");
/** Ranges of it, and of IPv4, that ipaddr.js counts as unicast and that lead nowhere, or to somewhere else than they say. */
const REFUSED = [
	...["2001::/23", "2002::/16", "3fff::/20"], // protocol assignments with Teredo and ORCHID, 6to4, documentation
	...["0.0.0.0/8", "192.0.0.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.175.48.0/24", "198.18.0.0/15"],
].map((range) => ipaddr.parseCIDR(range));

/**
 * Whether a webhook may be sent to an address. Only what the whole Internet routes: not this machine, not its network, not the cloud's
 * metadata service (169.254.169.254, fd00:ec2::254), and no IPv6 form that carries an IPv4 address in it (mapped, NAT64, 6to4, Teredo),
 * because something on the way would unpack it.
 *
 * @param allowLoopback this machine itself as well, for trying things out.
 */
export function isReachable(address: string, allowLoopback: boolean): boolean {
	// A zone names an interface of this machine: such an address is link-local.
	if (!ipaddr.isValid(address) || address.includes("%")) return false;
	const parsed = ipaddr.parse(address);
	const range = parsed.range();
	if (range === "loopback") return allowLoopback;
	if (range !== "unicast") return false;
	if (parsed instanceof ipaddr.IPv6 && !parsed.match(GLOBAL_UNICAST)) return false;
	return !REFUSED.some((refused) => refused[0].kind() === parsed.kind() && parsed.match(refused));
}
