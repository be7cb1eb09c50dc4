import fc from "fast-check";
import { expect, test } from "vitest";

import type { SlotEvent } from "../../../../provisioning/station/slots/slot-event.ts";
import { watchSlots } from "../../../../provisioning/station/slots/slot-watch.ts";
import { listDevices, type SeenDevice, trackDevices } from "../../../../provisioning/transport/device-list.ts";
import { openUsbHub, type UsbHub } from "../../../lab/usb-hub.ts";
import { ScriptedAdbServer } from "../../transport/scripted-adb-server.ts";
import { mapOf } from "./seen-phones.ts";

const PORTS = ["1-1", "1-2", "1-4.1", "1-4.2", "2-7"];
const PHONES = [1, 2, 3, 4].map((number) => ({
	adbSerial: `127.0.0.1:580${number}`,
	serial: number < 3 ? "0123456789ABCDEF" : `P${number}`,
}));

const port = fc.constantFrom(...PORTS);
const act = fc.oneof(
	{ weight: 4, arbitrary: fc.record({ do: fc.constant("plug" as const), port, phone: fc.nat({ max: 3 }) }) },
	{ weight: 2, arbitrary: fc.record({ do: fc.constant("unplug" as const), port }) },
	{ weight: 2, arbitrary: fc.record({ do: fc.constant("move" as const), port, to: port }) },
	{ weight: 2, arbitrary: fc.record({ do: fc.constant("drop" as const), port }) },
	{
		weight: 2,
		arbitrary: fc.record({
			do: fc.constant("state" as const),
			port,
			state: fc.constantFrom("unauthorized", "offline", "device"),
		}),
	},
	{ weight: 1, arbitrary: fc.record({ do: fc.constant("hub" as const) }) },
	{ weight: 1, arbitrary: fc.record({ do: fc.constant("server" as const) }) },
	{ weight: 1, arbitrary: fc.record({ do: fc.constant("real-phone" as const), phone: fc.nat({ max: 3 }) }) },
);

const words = ({ usbPath, serial, state, transportId }: SeenDevice) => `${usbPath} ${serial} ${state} ${transportId}`;

type Act = typeof act extends fc.Arbitrary<infer Kind> ? Kind : never;

/** Does what a bench can do, and nothing where it cannot. */
async function perform(hub: UsbHub, each: Act, toggle: (phone: number) => void, put: Map<string, number>) {
	switch (each.do) {
		case "plug": {
			const handset = PHONES[each.phone];
			if (!handset || put.has(each.port) || [...put.values()].includes(each.phone)) return;
			put.set(each.port, each.phone);
			return hub.plug(handset, each.port);
		}
		case "unplug":
			return put.delete(each.port) ? hub.unplug(each.port) : undefined;
		case "move": {
			const phone = put.get(each.port);
			if (phone === undefined || put.has(each.to)) return;
			put.delete(each.port);
			put.set(each.to, phone);
			return hub.move(each.port, each.to);
		}
		case "drop":
			return put.has(each.port) ? hub.drop(each.port) : undefined;
		case "state":
			return put.has(each.port) ? hub.setState(each.port, each.state) : undefined;
		case "hub":
			for (const path of [...put.keys()].filter((path) => path.startsWith("1-4."))) put.delete(path);
			return void hub.unplugHub("1-4");
		case "server":
			await hub.killServer();
			return hub.startServer();
		case "real-phone":
			return toggle(each.phone);
	}
}

test("over sockets, after anything that a bench does, the slots are what the server lists, and every event was told once", {
	timeout: 60_000,
}, async () => {
	const real = new ScriptedAdbServer();
	const adbServerPort = await real.listen();
	const there = new Set([0, 1, 2, 3]);
	const tell = () =>
		real.setDevices(
			...[...there].map((phone) => `${PHONES[phone]?.adbSerial} device product:p model:M device:d transport_id:${phone + 40}`),
		);
	tell();
	const toggle = (phone: number) => {
		if (!there.delete(phone)) there.add(phone);
		tell();
	};
	await fc.assert(
		fc.asyncProperty(fc.array(act, { maxLength: 25 }), async (acts) => {
			const hub = await openUsbHub({ adbServerPort });
			const told = new Map<number, SlotEvent & { type: "plugged" }>();
			const watch = watchSlots({
				track: (signal) => trackDevices(signal, { port: hub.port }, 1),
				hubMap: mapOf("1-1", "1-2", "1-4.1", "1-4.2"),
				clock: { nowMs: () => 0 },
				onEvent(event) {
					if (event.type === "plugged") {
						expect(told.has(event.slot)).toBe(false);
						told.set(event.slot, event);
					} else if (event.type === "unplugged") {
						expect(told.get(event.slot)?.generation).toBe(event.generation);
						told.delete(event.slot);
					} else if (event.type === "state-changed") {
						const before = told.get(event.slot);
						expect(before).toMatchObject({ generation: event.generation, device: event.before });
						if (before) told.set(event.slot, { ...before, device: event.device });
					} else if (event.type === "server-down") told.clear();
					else expect(told.size).toBe(0);
				},
			});
			try {
				await watch.ready;
				const put = new Map<string, number>();
				for (const each of acts) await perform(hub, each, toggle, put);
				// Who is at a port, and is a phone that the real server knows, is seen, and nobody else.
				const expected = [...put]
					.filter(([, phone]) => there.has(phone))
					.map(([path, phone]) => `${path} ${PHONES[phone]?.serial}`);
				await expect
					.poll(async () => (await listDevices(hub.port)).map(({ usbPath, serial }) => `${usbPath} ${serial}`).sort())
					.toEqual(expected.sort());
				const listed = (await listDevices(hub.port)).map(words).sort();
				const known = () => watch.slots().flatMap(({ plugging }) => (plugging ? [words(plugging.device)] : []));
				await expect.poll(() => [watch.server, ...known().sort()], { interval: 2 }).toEqual(["up", ...listed]);
				expect([...told.values()].map(({ device }) => words(device)).sort()).toEqual(listed);
			} finally {
				await watch.close();
				await hub.close();
			}
		}),
		{ numRuns: 60 },
	);
	await real.stop();
});
