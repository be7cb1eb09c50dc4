import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface Received {
	readonly headers: IncomingHttpHeaders;
	readonly body: string;
	readonly event: { readonly type: string; readonly sequence: number; readonly data: Readonly<Record<string, string | number>> };
}

/** What the receiver does with a message: a status, or anything that it likes to do with the response. */
export type Answer = (received: Received, count: number) => number | ((response: ServerResponse) => void);

/** A loan system's webhook receiver on loopback that keeps what it was sent. */
export interface Receiver {
	readonly url: string;
	readonly received: Received[];
	answer: Answer;
	/** Contract and type of what it took. */
	told(): string[];
	close(): Promise<void>;
}

export async function openReceiver(answer: Answer = () => 204): Promise<Receiver> {
	const taken: Received[] = [];
	const server = createServer((request, response) => {
		const chunks: Buffer[] = [];
		request.on("data", (chunk: Buffer) => chunks.push(chunk));
		request.on("end", () => {
			const body = Buffer.concat(chunks).toString("utf8");
			const received: Received = { headers: request.headers, body, event: JSON.parse(body) };
			receiver.received.push(received);
			const said = receiver.answer(received, receiver.received.length);
			if (typeof said === "function") return said(response);
			if (said >= 200 && said < 300) taken.push(received);
			response.writeHead(said).end();
		});
	});
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	const { port } = server.address() as AddressInfo; // it listens on TCP
	const receiver: Receiver = {
		url: `http://127.0.0.1:${port}/hook`,
		received: [],
		answer,
		told: () => taken.map(({ event }) => `${event.data["contractId"] ?? "-"} ${event.type}`),
		async close() {
			server.closeAllConnections();
			await new Promise<void>((resolve) => server.close(() => resolve()));
		},
	};
	return receiver;
}
