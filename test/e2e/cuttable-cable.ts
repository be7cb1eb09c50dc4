import { connect, createServer, type Socket } from "node:net";

/** A cable that can be cut at a byte: a relay on the loopback between a command and a handset's adbd. */
export interface CuttableCable {
	/** Where the command connects to. */
	readonly port: number;
	/** Bytes that went through since the last arming, both ways together. */
	carried(): number;
	/** Cuts everything once so many bytes have gone through; what connects afterwards is not cut. */
	cutAfter(bytes: number): void;
	close(): Promise<void>;
}

export async function cuttableCable(phonePort: number): Promise<CuttableCable> {
	const sockets = new Set<Socket>();
	let carried = 0;
	let cutAt = Number.POSITIVE_INFINITY;
	const cut = () => {
		cutAt = Number.POSITIVE_INFINITY;
		for (const socket of sockets) socket.resetAndDestroy();
	};
	const relay = (from: Socket, to: Socket) => {
		from.on("data", (data) => {
			const room = cutAt - carried;
			carried += data.length;
			if (data.length < room) return void to.write(data);
			to.write(data.subarray(0, room));
			cut();
		});
		from.on("close", () => to.destroy());
		from.on("error", () => {}); // "close" follows
	};
	const server = createServer((near) => {
		const far = connect(phonePort, "127.0.0.1");
		for (const socket of [near, far]) {
			socket.setNoDelay(true);
			sockets.add(socket);
			socket.on("close", () => sockets.delete(socket));
		}
		relay(near, far);
		relay(far, near);
	});
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	const address = server.address();
	if (address === null || typeof address === "string") throw new Error("no port");
	return {
		port: address.port,
		carried: () => carried,
		cutAfter(bytes) {
			carried = 0;
			cutAt = bytes;
		},
		async close() {
			cut();
			await new Promise((resolve) => server.close(resolve));
		},
	};
}
