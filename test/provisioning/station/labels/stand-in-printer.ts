import { type AddressInfo, createServer, type Socket } from "node:net";

/** How a stand-in printer behaves. */
export interface StandInPrinter {
	readonly port: number;
	/** What was sent to it that is not a question, in order. */
	readonly labels: string[];
	/** How many connections it had at the same time, at most. */
	mostConnections: number;
	close(): Promise<void>;
}

/** What it says when asked for its state: a text, several that are sent one after another, or nothing. */
export type Answer = (asked: number) => string | readonly string[] | undefined;

/** The answer of a printer to `~HQES`, as Zebra prints it. @param errors and `warnings` bits of the low word. */
export function hqes(errors = 0, warnings = 0): string {
	const word = (bits: number) => `${bits === 0 ? 0 : 1} 00000000 ${bits.toString(16).toUpperCase().padStart(8, "0")}`;
	return `\u0002\r\n\r\n  PRINTER STATUS\r\n   ERRORS:         ${word(errors)}\r\n   WARNINGS:       ${word(warnings)}\r\n\u0003`;
}

/** A label printer on loopback. */
export async function openStandInPrinter(
	answer: Answer,
	{ closesAt, reads = true }: { closesAt?: "connect" | "label"; reads?: boolean } = {},
): Promise<StandInPrinter> {
	const labels: string[] = [];
	const sockets = new Set<Socket>();
	let asked = 0;
	const server = createServer((socket) => {
		sockets.add(socket);
		printer.mostConnections = Math.max(printer.mostConnections, sockets.size);
		socket.on("error", () => {});
		socket.on("close", () => sockets.delete(socket));
		if (closesAt === "connect") socket.destroy();
		if (!reads) {
			socket.pause();
			return;
		}
		let text = "";
		socket.on("data", (chunk) => {
			text += chunk.toString("latin1");
			for (;;) {
				const question = text.indexOf("~HQES");
				const label = text.indexOf("^XZ");
				if (label >= 0 && (question < 0 || label < question)) {
					if (closesAt === "label") socket.destroy();
					labels.push(text.slice(0, label + 3).trim());
					text = text.slice(label + 3).trimStart();
				} else if (question >= 0) {
					text = text.slice(question + 5);
					asked += 1;
					const said = answer(asked);
					for (const part of typeof said === "string" ? [said] : (said ?? [])) socket.write(part, "latin1");
				} else return;
			}
		});
	});
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	const { port } = server.address() as AddressInfo; // it listens on TCP
	const printer: StandInPrinter = {
		port,
		labels,
		mostConnections: 0,
		async close() {
			for (const socket of sockets) socket.destroy();
			await new Promise<void>((resolve) => server.close(() => resolve()));
		},
	};
	return printer;
}
