import type { Socket } from "node:net";

import { AdbDaemonTransport } from "@yume-chan/adb";

import { type FaultError, faultError } from "../handset/fault.ts";
import type { HandsetPort } from "../handset/port.ts";
import { askingForAllow } from "./allow-dialog.ts";
import { daemonLink } from "./daemon-link.ts";
import { linkedHandset } from "./linked-handset.ts";
import { packetsOverSocket } from "./packets-over-socket.ts";
import { rsaKeyFile } from "./rsa-key-file.ts";
import { openTcpSocket, type TcpAddress } from "./tcp-socket.ts";

export interface TcpOptions extends TcpAddress {
	/** Folder of the RSA key by which phones know this computer; made if need be, readable by its user only. */
	readonly keyFolder: string;
	/** How long the phone may take to say hello. Default 10,000. */
	readonly deadlineMs?: number;
	/**
	 * How long somebody may take to tap "Allow". Default 240,000: the dialog stays on the phone, but a tap after the socket was
	 * closed counts for nothing.
	 */
	readonly authDeadlineMs?: number;
	/** Called when the phone shows its dialog. */
	readonly onAuthorizationNeeded?: () => void;
}

/**
 * Opens a handset straight at its adbd, without an adb server.
 *
 * @throws {FaultError} NO_DEVICE (nobody listens), ADB_OFFLINE (no hello), ADB_AUTH_TIMEOUT (nobody tapped "Allow"),
 * ADB_UNAUTHORIZED (it hung up on our key), ANDROID_TOO_OLD (no shell protocol: Android 6).
 */
export async function openTcp(options: TcpOptions): Promise<HandsetPort> {
	const { host, port, keyFolder, deadlineMs = 10_000, authDeadlineMs = 240_000, onAuthorizationNeeded } = options;
	const adbSerial = `${host}:${port}`;
	let socket: Socket | undefined;
	let late: FaultError | undefined;
	let connected = false;
	let dialog = false;
	// authenticate() takes no signal, and neither does a connection that is not answered: destroying the socket ends both.
	const endAfter = (ms: number, code: "ADB_OFFLINE" | "ADB_AUTH_TIMEOUT") =>
		setTimeout(() => {
			late = faultError(code, { details: { waited: `${ms / 1000} s`, handset: adbSerial } });
			socket?.destroy();
		}, ms);
	let timer = endAfter(deadlineMs, "ADB_OFFLINE");
	const shown = () => {
		if (dialog) return;
		dialog = true;
		clearTimeout(timer);
		timer = endAfter(authDeadlineMs, "ADB_AUTH_TIMEOUT");
		onAuthorizationNeeded?.();
	};
	try {
		const opened = await openTcpSocket({ host, port }, (early) => {
			socket = early;
		});
		connected = true;
		const transport = await AdbDaemonTransport.authenticate({
			serial: adbSerial,
			connection: packetsOverSocket(opened),
			credentialStore: rsaKeyFile(keyFolder),
			authenticators: askingForAllow(shown),
		});
		const link = daemonLink(transport, () => opened.destroy());
		if (!link.features.has("shell_v2"))
			throw faultError("ANDROID_TOO_OLD", { details: { missing: "the shell protocol of Android 7" } });
		return linkedHandset(link, { adbSerial });
	} catch (error) {
		socket?.destroy();
		throw late ?? explained(error, adbSerial, dialog ? "ADB_UNAUTHORIZED" : connected ? "ADB_OFFLINE" : "NO_DEVICE");
	} finally {
		clearTimeout(timer);
	}
}

function explained(error: unknown, handset: string, code: "ADB_UNAUTHORIZED" | "ADB_OFFLINE" | "NO_DEVICE"): unknown {
	if (!(error instanceof Error) || error.name === "FaultError") return error;
	return faultError(code, { details: { handset, problem: error.message } }, { cause: error });
}
