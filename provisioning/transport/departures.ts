import { listDevices, type ServerPlace, trackDevices } from "./device-list.ts";
import type { LinkLoss } from "./service-link.ts";

/** Tells when handsets leave an adb server. */
export interface Departures {
	/**
	 * Calls back once, when the handset with this transport id has left the server, also if it had left before, or when the server
	 * itself is gone.
	 *
	 * @returns ends the watch. Harmless twice.
	 */
	watch(transportId: string, left: (why: LinkLoss) => void): () => void;
}

/**
 * Watches any number of handsets on one connection, which is open while anybody is watched. Give the same one to every handset of a
 * station.
 *
 * By the server's list of devices and not by its `wait-for-any-disconnect`, which is made for this: the server gives each of those a
 * thread of its own, and when the one who waits goes away, that thread of adb 29 takes some hundred milliseconds of processor time to
 * notice. With 64 handsets that was more than everything that their enrolment takes.
 */
export function departuresFrom(place: ServerPlace): Departures {
	const watchers = new Set<Watcher>();
	let latest: ReadonlySet<string> | undefined;
	let tracking: AbortController | undefined;

	const tell = (watcher: Watcher, why: LinkLoss) => {
		if (!watchers.delete(watcher)) return;
		endIfUnused();
		watcher.left(why);
	};
	const stopTracking = () => {
		tracking?.abort();
		tracking = undefined;
		latest = undefined;
	};
	const endIfUnused = () => {
		if (watchers.size === 0) stopTracking();
	};
	/** A list that was made before a handset came does not have it either: only one that was asked for since then decides. */
	const askAgain = async (watcher: Watcher) => {
		try {
			const devices = await listDevices(place.port, place.host);
			if (!devices.some(({ transportId }) => transportId === watcher.transportId)) tell(watcher, "USB_LOST");
		} catch {
			tell(watcher, "ADB_SERVER_GONE");
		}
	};
	const look = (watcher: Watcher, present: ReadonlySet<string>) => {
		if (present.has(watcher.transportId)) watcher.seen = true;
		else if (watcher.seen) tell(watcher, "USB_LOST");
		else void askAgain(watcher);
	};
	const follow = async (signal: AbortSignal) => {
		for await (const snapshot of trackDevices(signal, place)) {
			if (signal.aborted) return;
			if (snapshot.server === "down") {
				// First, so that whoever watches again when told begins anew.
				stopTracking();
				for (const watcher of [...watchers]) tell(watcher, "ADB_SERVER_GONE");
				return;
			}
			const present = new Set(snapshot.devices.flatMap(({ transportId }) => transportId ?? []));
			latest = present;
			for (const watcher of [...watchers]) look(watcher, present);
		}
	};

	return {
		watch(transportId, left) {
			const watcher: Watcher = { transportId, left, seen: false };
			watchers.add(watcher);
			if (latest) look(watcher, latest);
			if (!tracking) {
				tracking = new AbortController();
				void follow(tracking.signal);
			}
			return () => {
				if (watchers.delete(watcher)) endIfUnused();
			};
		},
	};
}

interface Watcher {
	readonly transportId: string;
	readonly left: (why: LinkLoss) => void;
	/** It was in a list since the watch began: once it is missing it has left. */
	seen: boolean;
}
