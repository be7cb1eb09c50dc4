import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { parseRequest } from "./request.ts";

const name = (text: string) => ({ by: "name", name: text });
const any = { by: "kind", kind: "any" };

describe("a request to an adb server", () => {
	it.each([
		["host:devices", { type: "list", long: false, follow: false }],
		["host:track-devices-l", { type: "list", long: true, follow: true }],
		["host:kill", { type: "kill" }],
		["host:tport:serial:usb:1-4.2", { type: "select", target: name("usb:1-4.2"), tellsId: true }],
		["host:tport:any", { type: "select", target: any, tellsId: true }],
		["host:transport:127.0.0.1:5801", { type: "select", target: name("127.0.0.1:5801"), tellsId: false }],
		["host:transport-id:7", { type: "select", target: { by: "id", id: "7" }, tellsId: false }],
		["host:transport-usb", { type: "select", target: { by: "kind", kind: "usb" }, tellsId: false }],
		["host-serial:usb:1-4.2:features", { type: "about", target: name("usb:1-4.2"), service: "features" }],
		["host-serial:127.0.0.1:5801:get-state", { type: "about", target: name("127.0.0.1:5801"), service: "get-state" }],
		["host-serial:S:forward:tcp:1;tcp:2", { type: "about", target: name("S"), service: "forward:tcp:1;tcp:2" }],
		[
			"host-transport-id:7:wait-for-any-disconnect",
			{ type: "about", target: { by: "id", id: "7" }, service: "wait-for-any-disconnect" },
		],
		["host-usb:get-serialno", { type: "about", target: { by: "kind", kind: "usb" }, service: "get-serialno" }],
		["host:features", { type: "about", target: any, service: "features" }],
		["host:version", { type: "other" }],
		["host:host-features", { type: "other" }],
		["host:connect:127.0.0.1:5801", { type: "other" }],
		["host:list-forward", { type: "other" }],
		["shell:true", { type: "other" }],
	])("%s is understood as far as it concerns phones", (request, expected) => {
		expect(parseRequest(request)).toEqual(expected);
	});

	it("never throws", () => {
		fc.assert(
			fc.property(fc.constantFrom("", "host:", "host-serial:", "host:tport:", "host:transport"), fc.string(), (start, rest) => {
				expect(parseRequest(start + rest).type).toMatch(/^(list|select|about|kill|other)$/);
			}),
		);
	});
});
