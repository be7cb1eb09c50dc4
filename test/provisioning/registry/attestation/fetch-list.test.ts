import { createServer, request as httpRequest, type Server } from "node:http";
import type { AddressInfo } from "node:net";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { fetchList, isPublicAddress } from "../../../../provisioning/registry/attestation/fetch-list.ts";
import { TrustError } from "../../../../provisioning/registry/attestation/trust.ts";

let server: Server;
let port: number;
beforeAll(async () => {
	server = createServer((request, response) => {
		if (request.url === "/list") return response.end(`{"host":"${request.headers.host}"}`);
		if (request.url === "/moved") return response.writeHead(302, { location: "/list" }).end();
		if (request.url === "/large") return response.end(Buffer.alloc(9 * 1024 * 1024));
		if (request.url === "/cut") return response.writeHead(200, { "content-length": "100" }).write("{", () => response.destroy());
		return undefined; // never answers
	});
	await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
	({ port } = server.address() as AddressInfo); // listening on TCP
});
afterAll(() => {
	server.closeAllConnections();
	server.close();
});

const localhost = async () => [{ address: "127.0.0.1", family: 4 }];
/** Over plain HTTP to this machine: what a test can serve. Everything else is as it ships. */
const fetched = (path: string, deadlineMs = 5000) =>
	fetchList(new URL(`https://lists.example:${port}${path}`), {
		resolve: localhost,
		isAllowed: () => true,
		deadlineMs,
		request: httpRequest,
	});

describe("a list", () => {
	it("is fetched from the address that its name was resolved to, under its name", async () => {
		expect(await fetched("/list")).toBe(`{"host":"lists.example:${port}"}`);
	});

	it.each([
		["/moved", "answered 302"],
		["/large", "too large"],
		["/cut", "broke off"],
	])("is refused from %s: %s", async (path, why) => {
		await expect(fetched(path)).rejects.toThrow(why);
	});

	it("is waited for only so long", async () => {
		await expect(fetched("/silent", 50)).rejects.toThrow("too long");
		const never = () => new Promise<never>(() => {});
		await expect(fetchList(new URL("https://lists.example/"), { resolve: never, deadlineMs: 50 })).rejects.toThrow("too long");
	});

	it.each([
		["http://lists.example/", "only https"],
		["file:///etc/passwd", "only https"],
		["https://me:secret@lists.example/", "password"],
		["https://127.0.0.1/", "not on the public internet"],
		["https://[::1]/", "not on the public internet"],
		["https://[::ffff:10.0.0.1]/", "not on the public internet"],
		["https://2130706433/", "not on the public internet"],
		["https://169.254.169.254/latest/meta-data", "not on the public internet"],
	])("is not asked for at %s", async (address, why) => {
		await expect(fetchList(new URL(address))).rejects.toThrow(TrustError);
		await expect(fetchList(new URL(address))).rejects.toThrow(why);
	});

	it("is not asked for where one of a name's addresses is private", async () => {
		const resolve = async () => [
			{ address: "8.8.8.8", family: 4 },
			{ address: "10.0.0.1", family: 4 },
		];
		await expect(fetchList(new URL("https://lists.example/"), { resolve })).rejects.toThrow("not on the public internet");
	});
});

describe("an address", () => {
	it.each(["8.8.8.8", "142.250.1.95", "2a00:1450:4001::1"])("%s is public", (address) => {
		expect(isPublicAddress(address)).toBe(true);
	});

	it.each([
		...[
			"0.0.0.0",
			"10.1.2.3",
			"100.64.0.1",
			"127.0.0.1",
			"169.254.1.1",
			"172.31.255.255",
			"192.168.0.1",
			"198.18.0.1",
			"224.0.0.1",
		],
		...[
			"255.255.255.255",
			"::",
			"::1",
			"::ffff:8.8.8.8",
			"64:ff9b::808:808",
			"fc00::1",
			"fe80::1",
			"ff02::1",
			"2001:db8::1",
			"2002::1",
		],
		"lists.example",
	])("%s is not", (address) => {
		expect(isPublicAddress(address)).toBe(false);
	});
});
