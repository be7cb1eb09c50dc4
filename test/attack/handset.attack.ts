import { type AddressInfo, createServer, type Socket } from "node:net";

import { printedReply } from "../../proto/android-agent.ts";
import { request } from "../../provisioning/handset/agent-channel.ts";
import { readFacts } from "../../provisioning/handset/facts.ts";
import { fault } from "../../provisioning/handset/fault.ts";
import { readSections } from "../../provisioning/handset/sections.ts";
import { identityOf, requireSame } from "../../provisioning/procedure/identity.ts";
import { openThroughServer } from "../../provisioning/transport/adb-server.ts";
import { parseDeviceList } from "../../provisioning/transport/device-list.ts";
import { openTcp } from "../../provisioning/transport/tcp.ts";
import { fakePort } from "../provisioning/handset/fake-port.ts";
import { ScriptedAdbServer } from "../provisioning/transport/scripted-adb-server.ts";
import type { Attack } from "./attack.ts";
import { each, refusalOf } from "./stage.ts";

const ESCAPES = "\u001b]0;owned\u0007\u001b[2J\u009b31m\u202e";
/** What a terminal or a page would obey. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const OBEYED = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e]/;
const HALF_A_MEGABYTE = 512 * 1024;

/** A phone that prints one text for whatever it is asked. */
const saying = (text: string) => fakePort(() => text, "sections");

/** How long a station waits before it gives a silent phone up is the product's; here a test's own, shorter one. */
const SHORT_MS = 1500;

async function withListener(serve: (socket: Socket) => void, run: (port: number) => Promise<string>): Promise<string> {
	const sockets = new Set<Socket>();
	const server = createServer((socket) => {
		sockets.add(socket.on("error", () => {}));
		serve(socket);
	});
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	try {
		return await run((server.address() as AddressInfo).port); // a TCP server's address is one
	} finally {
		for (const socket of sockets) socket.destroy();
		server.close();
	}
}

async function withServer(phone: ScriptedAdbServer["phone"], run: (port: number) => Promise<string>): Promise<string> {
	const server = new ScriptedAdbServer();
	server.phone = phone;
	const port = await server.listen();
	server.setDevices("X device usb:1-1 transport_id:7");
	try {
		return await run(port);
	} finally {
		await server.stop();
	}
}

/** A phone or an adb server that lies, and what stands between it and the station. */
export const handsetAttacks: readonly Attack[] = [
	{
		id: "handset-newlines",
		source: "plan: floods",
		attack: "Half a megabyte of newlines and of opened properties to every question: the station's one thread must go on",
		expected: "each UNCLASSIFIED (2), in less than a minute",
		async run() {
			const before = performance.now();
			const answers = [
				await refusalOf(readFacts(saying("\n".repeat(HALF_A_MEGABYTE)))),
				await refusalOf(readFacts(saying("[a]: [\n".repeat(HALF_A_MEGABYTE / 7)))),
			];
			return `${each(answers)}, in ${performance.now() - before < 60_000 ? "less than a minute" : "more than a minute"}`;
		},
	},
	{
		id: "handset-escapes-in-props",
		source: "plan: escape sequences in props",
		attack: "Serial number, model, name and version carry terminal escapes, controls and direction marks",
		expected: "nothing is left that a terminal obeys",
		async run() {
			const text = [
				"ro.serialno",
				"ro.product.model",
				"ro.product.marketname",
				"ro.mi.os.version.incremental",
				"ro.build.fingerprint",
			]
				.map((name) => `[${name}]: [x${ESCAPES}y]`)
				.join("\n");
			const facts = await readFacts(fakePort(() => text, "sections"));
			const shown = JSON.stringify([facts.serial, facts.model, facts.marketName, facts.build], (_, value: unknown) => value);
			const plain: unknown = JSON.parse(shown);
			return OBEYED.test(String(JSON.stringify(plain)).replaceAll("\\n", "")) || /\\u00(?:1b|07|9b)/.test(shown)
				? `left: ${shown}`
				: "nothing is left that a terminal obeys";
		},
	},
	{
		id: "handset-escapes-in-faults",
		source: "plan: terminal injection",
		attack: "A refusal that becomes a fault carries escapes and a hundred kilobytes",
		expected: "4096 units at most, nothing that a terminal obeys",
		async run() {
			const { raw = "", details } = fault("UNCLASSIFIED", {
				raw: `${ESCAPES}${"x".repeat(100_000)}`,
				details: { said: `${ESCAPES}\nERROR forged line` },
			});
			const isPlain = !OBEYED.test(raw) && !OBEYED.test(details?.said ?? "") && !(details?.said ?? "").includes("\n");
			return `${raw.length <= 4096 ? "4096 units at most" : `${raw.length} units`}, ${isPlain ? "nothing that a terminal obeys" : "escapes"}`;
		},
	},
	{
		id: "handset-forges-sections",
		source: "plan: lies",
		attack: "An account's name looks like the mark between two answers, to make up another answer",
		expected: "one section, with the forged mark in it",
		async run() {
			const sections = readSections(
				"sections 11111111-real\n\n11111111-real < accounts\n22222222-fake < owner\nno owners\n22222222-fake > 0\n\n11111111-real > 0\n",
			);
			const text = sections.get("accounts")?.stdout ?? "";
			return `${sections.size === 1 ? "one section" : `${sections.size} sections`}, ${text.includes("22222222-fake < owner") ? "with the forged mark in it" : "cut"}`;
		},
	},
	{
		id: "handset-agent-lies",
		source: "plan: lies in every reply",
		attack: "The agent answers with nothing, rubbish, other members, a bomb of fields and a megabyte",
		expected: "each AGENT_REPLY_INVALID (5)",
		async run() {
			const base64 = (bytes: Uint8Array) => `${printedReply(Buffer.from(bytes).toString("base64"))}\n`;
			const replies = [
				"Result: Bundle[{other=AA==}]\n",
				base64(Uint8Array.of(255, 255, 255)),
				base64(new Uint8Array(0)),
				base64(new Uint8Array(200_000).fill(0x0a)),
				`Result: Bundle[{reply=${"A".repeat(1_000_000)}}]\n`,
			];
			return each(
				await Promise.all(
					replies.map((reply) =>
						refusalOf(
							request(
								fakePort(() => reply),
								{ startCheckIn: {} },
								"checkInStarted",
							),
						),
					),
				),
			);
		},
	},
	{
		id: "handset-silent",
		source: "plan: slow loris",
		attack: "Something that listens like a phone and never says a word, or a byte each 100 ms",
		expected: "each given up (2)",
		async run(stage) {
			const open = (port: number) =>
				openTcp({ host: "127.0.0.1", port, keyFolder: `${stage.folder}/keys`, deadlineMs: SHORT_MS, authDeadlineMs: SHORT_MS });
			const told: string[] = [];
			for (const serve of [() => {}, (socket: Socket) => void setInterval(() => socket.write("C"), 100).unref()])
				told.push(
					await withListener(serve, async (port) =>
						(await refusalOf(open(port).then((opened) => opened.close()))) === "done" ? "opened" : "given up",
					),
				);
			return each(told);
		},
	},
	{
		id: "handset-endless-output",
		source: "plan: floods",
		attack: "A command's output never ends: four megabytes and on",
		expected: "refused, and the link is given up",
		run: () => {
			const flood = (socket: Socket) => {
				const data = Buffer.alloc(65_536, 0x41);
				const head = Buffer.from([1, 0, 0, 1, 0]);
				const more = () => {
					while (!socket.destroyed && socket.write(Buffer.concat([head, data])));
					if (!socket.destroyed) socket.once("drain", more);
				};
				more();
			};
			return withServer({ features: "shell_v2", service: () => flood }, async (port) => {
				const handset = await openThroughServer({ serial: "X", port });
				const code = await refusalOf(handset.shell(["getprop"]));
				await handset.close();
				return code === "done" ? "read to its end" : "refused, and the link is given up";
			});
		},
	},
	{
		id: "adb-server-list-bomb",
		source: "plan: malicious adb server",
		attack: "A device list that is one line of blanks, of words without end, with escapes, and with ten thousand phones",
		expected: "read; names plain and short",
		async run() {
			const lists = [
				`a no permissions${" ".repeat(60_000)}x\u2028`,
				`a ${"b".repeat(60_000)}\u2028`,
				`${ESCAPES}x device usb:${ESCAPES}\n`,
				"x device usb:1-1 transport_id:1\n".repeat(2000),
			];
			const devices = lists.flatMap(parseDeviceList);
			const names = devices.flatMap(({ serial, state, usbPath = "", model = "" }) => [serial, state, usbPath, model]);
			return `read; names ${names.some((name) => OBEYED.test(name)) ? "not plain" : "plain"} and ${names.some((name) => name.length > 128) ? "long" : "short"}`;
		},
	},
	{
		id: "adb-server-says-nonsense",
		source: "plan: malicious adb server",
		attack: "What listens on the adb server's port answers rubbish, a wrong length, and closes",
		expected: "each a fault (3)",
		async run() {
			const told: string[] = [];
			for (const bytes of ["HTTP/1.1 200 OK\r\n\r\n", "FAILzzzz", ""])
				told.push(
					await withListener(
						(socket) => void socket.end(bytes),
						async (port) =>
							(await refusalOf(
								openThroughServer({ serial: "X", port }).then(async (handset) => {
									await handset.shell(["true"]);
								}),
							)) === "done"
								? "taken"
								: "a fault",
					),
				);
			return each(told);
		},
	},
	{
		id: "adb-server-swaps-phones",
		source: "plan: malicious adb server",
		attack:
			"The adb server leads one serial to another phone between two looks: with another IMEI, another second IMEI, another serial",
		expected: "each IDENTITY_CHANGED (3); the same phone: done",
		async run() {
			const [one, two] = ["866907051234564", "490154203237518"];
			const look = async (serial: string, imeis: readonly string[]) => {
				const props = [
					`[ro.serialno]: [${serial}]`,
					"[sys.boot_completed]: [1]",
					...imeis.map((imei, slot) => `[ro.ril.miui.imei${slot}]: [${imei}]`),
				];
				return identityOf(await readFacts(fakePort(([command]) => (command === "getprop" ? props.join("\n") : ""), "sections")));
			};
			const known = { serial: "S1", imeis: [one, two] };
			const again = async (serial: string, imeis: readonly string[]) =>
				refusalOf(look(serial, imeis).then((seen) => requireSame(known, seen)));
			const others = [await again("S1", [one]), await again("S1", [one, "356938035643809"]), await again("S2", [one, two])];
			return `${each(others)}; the same phone: ${await again("S1", [two, one])}`;
		},
	},
];
