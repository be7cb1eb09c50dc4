import { connect } from "node:net";

import { requestNumber } from "../../proto/request-number.ts";
import { ADMIN_TOKEN, nextImei } from "../provisioning/registry/test-registry.ts";
import type { Attack } from "./attack.ts";
import { type Answer, CALLER_RATE, each, told } from "./stage.ts";

/** Whoever asks too much of the registry's API, or too often. */
export const apiLoadAttacks: readonly Attack[] = [
	{
		id: "api4-large-bodies",
		source: "OWASP API4:2023",
		attack: "Bodies of a megabyte, nested ten thousand deep, and a check-in of a megabyte",
		expected: "413 TOO_LARGE, 400 BAD_REQUEST, 413 TOO_LARGE; answers after it: 200",
		async run(stage) {
			const json = { "content-type": "application/json" };
			const big = await stage.call("POST", "/v1/contracts", {
				token: ADMIN_TOKEN,
				body: `{"a":"${"x".repeat(1e6)}"}`,
				headers: json,
			});
			const deep = await stage.call("POST", "/v1/contracts", {
				token: ADMIN_TOKEN,
				body: "[".repeat(10_000) + "]".repeat(10_000),
				headers: json,
			});
			const checkIn = await stage.call("POST", "/v1/device/check-in", {
				body: new Uint8Array(1e6),
				headers: { "content-type": "application/x-protobuf" },
			});
			const after = await stage.call("GET", "/healthz");
			return `${told(big)}, ${told(deep)}, ${told(checkIn)}; answers after it: ${after.status}`;
		},
	},
	{
		id: "api4-endless-pages",
		source: "OWASP API4:2023",
		attack: "Lists are asked for a million rows, minus one row and no number of rows",
		expected: "each 400 BAD_REQUEST (6)",
		async run(stage) {
			const asked = ["/v1/contracts", "/v1/contracts/search"].flatMap((path) =>
				["1000000", "-1", "x"].map((limit) => `${path}?limit=${limit}`),
			);
			return each(await Promise.all(asked.map(async (path) => told(await stage.call("GET", path, { token: ADMIN_TOKEN })))));
		},
	},
	{
		id: "api4-slow-client",
		source: "OWASP API4:2023",
		attack: "Two hundred connections that send a byte and wait (slow loris), and one honest client",
		expected: "the honest client is answered 200",
		async run({ registry, call }) {
			const { port } = new URL(registry.url);
			const sockets = Array.from({ length: 200 }, () => {
				const socket = connect(Number(port), "127.0.0.1");
				socket.on("error", () => {});
				socket.write("POST /v1/device/check-in HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\nX");
				return socket;
			});
			const { status } = await call("GET", "/healthz");
			for (const socket of sockets) socket.destroy();
			return `the honest client is answered ${status}`;
		},
	},
	{
		id: "api6-imei-enumeration",
		source: "OWASP API6:2023",
		attack: "One address asks for IMEI after IMEI, to list every financed phone",
		expected: "stopped by 429 within 400 questions",
		async run({ call }) {
			for (let asked = 1; asked <= 400; asked += 1) {
				const { status } = await call("GET", `/v1/imei/${nextImei()}`, { from: "203.0.113.2" });
				if (status === 429) return "stopped by 429 within 400 questions";
				if (status !== 200) return `answered ${status}`;
			}
			return "answered 400 times";
		},
	},
	{
		id: "api6-possession-guessing",
		source: "OWASP API6:2023",
		attack: "Somebody guesses the number on a phone's screen, to be told that it is the one in their hand",
		expected: "stopped by 429 within 20 guesses; never told yes",
		async run(stage) {
			const { phone } = await stage.enrolled("A6-1");
			const answers = [];
			for (let guess = 0; guess < 20; guess += 1)
				answers.push(
					await stage.call("POST", "/v1/imei/possession", {
						from: "203.0.113.3",
						json: { imei: phone.identity.imei1, requestNumber: requestNumber({ counter: 9000 + guess, nonce: guess }) },
					}),
				);
			const yes = answers.some(({ text }) => JSON.parse(text).inHand === "same");
			return `${answers.some(({ status }) => status === 429) ? "stopped by 429 within 20 guesses" : each(answers.map(told))}; ${yes ? "told yes" : "never told yes"}`;
		},
	},
	{
		id: "program-token-without-pause",
		source: "OWASP API4:2023",
		attack: "A stolen program token asks without pause, on many connections",
		expected: "answered within burst and rate, else 429 RATE_LIMITED with Retry-After; another program 200, a check-in answered",
		async run(stage) {
			const { phone } = await stage.enrolled("A4-1");
			const [stolen, honest] = [await stage.program(["operator"]), await stage.program(["agent"])];
			const look = (token: string) => stage.call("GET", "/v1/contracts/A4-1", { token });
			const startedMs = performance.now();
			const flood = Promise.all(Array.from({ length: 400 }, () => look(stolen)));
			const [other, reply] = [await look(honest), await stage.registry.port.relayCheckIn(await phone.checkIn())];
			const answers = await flood;
			const seconds = (performance.now() - startedMs) / 1000;
			const allowed = (2 + seconds) * CALLER_RATE;
			const answered = answers.filter(({ status }) => status === 200).length;
			const isTold = ({ headers }: Answer) => Number(headers.get("retry-after")) >= 1;
			const refused = answers.filter((answer) => told(answer) === "429 RATE_LIMITED" && isTold(answer)).length;
			const held = refused > 0 && answered <= allowed && answered + refused === answers.length;
			return `${held ? "answered within burst and rate, else 429 RATE_LIMITED with Retry-After" : `${answered} answered, ${each(answers.map(told))}`}; another program ${other.status}, a check-in ${reply.length > 0 ? "answered" : "not answered"}`;
		},
	},
];
