import { setTimeout as pause } from "node:timers/promises";

import { SmartSocket } from "../../../provisioning/transport/smart-socket.ts";
import type { RealDevice } from "./ports.ts";

const RETRY_MS = 100;
const LINE = /^(\S+)\s+(\S.*?)\s*(?:\s(?=product:|model:|device:|transport_id:))(.*?)\s*transport_id:(\d+)/;

/**
 * Follows what the real server lists, by its names; `undefined` while it does not answer. Reads the lines as they are, where the
 * product's own tracker drops what a station does not need.
 */
export async function followRealServer(
	port: number,
	signal: AbortSignal,
	said: (devices: ReadonlyMap<string, RealDevice> | undefined) => void,
): Promise<void> {
	while (!signal.aborted) {
		let end = () => {};
		const stop = () => end();
		signal.addEventListener("abort", stop, { once: true });
		try {
			const connection = await SmartSocket.connect({ host: "127.0.0.1", port }, (socket) => {
				end = () => socket.destroy();
			});
			await connection.request("host:track-devices-l");
			while (true) said(readDevices(await connection.readText()));
		} catch {
			if (!signal.aborted) said(undefined);
		} finally {
			signal.removeEventListener("abort", stop);
			end();
		}
		await pause(RETRY_MS, undefined, { signal }).catch(() => {});
	}
}

function readDevices(text: string): Map<string, RealDevice> {
	const devices = new Map<string, RealDevice>();
	for (const line of text.split("\n")) {
		const [, name, state, facts, transportId] = LINE.exec(line) ?? [];
		if (name === undefined || state === undefined || transportId === undefined) continue;
		devices.set(name, { transportId, state, facts: facts ?? "" });
	}
	return devices;
}
