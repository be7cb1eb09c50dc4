import { connect } from "node:net";

import type { BytePipe } from "./fake-usb-device.ts";

/** A pipe to an adbd on this machine. */
export function tcpPipe(port: number): () => Promise<BytePipe> {
	return async () => {
		const socket = connect(port, "127.0.0.1");
		socket.setNoDelay(true);
		await new Promise<void>((resolve, reject) => {
			socket.once("connect", resolve);
			socket.once("error", reject);
		});
		socket.on("error", () => {}); // "close" follows
		const pipe: BytePipe = {
			onData() {},
			onClose() {},
			close: () => void socket.destroy(),
			send: (data) => new Promise((resolve) => void socket.write(data, () => resolve())),
		};
		socket.on("data", (data: Uint8Array) => pipe.onData(data));
		socket.on("close", () => pipe.onClose());
		return pipe;
	};
}
