import fc from "fast-check";
import { expect, test } from "vitest";

import { endpointUrl } from "../../../../provisioning/registry/webhooks/endpoint-url.ts";
import { isReachable } from "../../../../provisioning/registry/webhooks/reachable-address.ts";

const REFUSED = [
	// this machine, its network, the cloud's metadata
	...["0.0.0.0", "127.0.0.1", "127.255.255.254", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "100.64.0.1"],
	...["169.254.169.254", "169.254.0.1", "255.255.255.255", "224.0.0.1", "240.0.0.1", "192.0.0.192", "198.18.0.1", "192.88.99.1"],
	...["192.0.2.1", "198.51.100.1", "203.0.113.1"],
	...[
		"::",
		"::1",
		"fe80::1",
		"fe80::1%eth0",
		"fc00::1",
		"fd00:ec2::254",
		"ff02::1",
		"fec0::1",
		"100::1",
		"2001:db8::1",
		"3fff::1",
	],
	// IPv4 inside IPv6: mapped, compatible, NAT64 in both ranges, 6to4, Teredo, SIIT
	...[
		"::ffff:127.0.0.1",
		"::ffff:8.8.8.8",
		"::ffff:a9fe:a9fe",
		"::127.0.0.1",
		"::8.8.8.8",
		"64:ff9b::7f00:1",
		"64:ff9b::8.8.8.8",
	],
	...["64:ff9b:1::a00:1", "2002:7f00:1::", "2001:0:4136:e378:8000:63bf:3fff:fdd2", "::ffff:0:127.0.0.1", "5f00::1"],
	...["", "localhost", "example.com", "1", "0x7f000001"],
];

test.each(REFUSED)("a webhook is never sent to %s", (address) => {
	expect(isReachable(address, false)).toBe(false);
});

test.each(["8.8.8.8", "1.1.1.1", "172.32.0.1", "2606:4700:4700::1111", "2a00:1450:4001:80b::200e"])(
	"%s is on the Internet",
	(address) => {
		expect(isReachable(address, false)).toBe(true);
	},
);

test("this machine itself is reached only where that is allowed, and nothing else is by it", () => {
	expect(["127.0.0.1", "::1"].map((address) => isReachable(address, true))).toEqual([true, true]);
	expect(["10.0.0.1", "169.254.169.254", "::ffff:127.0.0.1", "0.0.0.0"].some((address) => isReachable(address, true))).toBe(
		false,
	);
});

test("no form of a private IPv4 address inside IPv6 gets through", () => {
	const priv = fc.oneof(
		fc.tuple(fc.constant(10), fc.nat(255)),
		fc.tuple(fc.constant(127), fc.nat(255)),
		fc.tuple(fc.constant(192), fc.constant(168)),
		fc.tuple(fc.constant(169), fc.constant(254)),
	);
	const prefixes = ["::", "::ffff:", "::ffff:0:", "64:ff9b::", "64:ff9b:1::", "fe80::", "fd00::"];
	fc.assert(
		fc.property(priv, fc.nat(255), fc.nat(255), fc.constantFrom(...prefixes), ([a, b], c, d, prefix) => {
			expect(isReachable(`${prefix}${a}.${b}.${c}.${d}`, false)).toBe(false);
			const hex = (x: number, y: number) => ((x << 8) | y).toString(16);
			expect(isReachable(`2002:${hex(a, b)}:${hex(c, d)}::1`, false)).toBe(false);
		}),
	);
});

test.each([
	["http://example.com/", false],
	["http://127.0.0.1/", false],
	["ftp://example.com/", false],
	["file:///etc/passwd", false],
	["https://user:pass@example.com/", false],
	["https://example.com/#x", false],
	["//example.com", false],
	["", false],
	["http://10.0.0.1/", true],
	["http://127.0.0.1.example.com/", true],
	["http://localhost.example.com/", true],
])("%s is no address of an endpoint", (url, allowLoopback) => {
	expect(() => endpointUrl(url, allowLoopback)).toThrow();
});
