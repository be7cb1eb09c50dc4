import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

import type { Operations } from "./operations.ts";

const REQUEST_DEADLINE_MS = 10_000;

export interface OperationsServer {
	readonly url: string;
	close(): Promise<void>;
}

/**
 * Serves `/metrics` on a port of its own: for the monitoring's network, and never under the address that phones and people know. Nothing
 * personal is in any answer, so there is no token; who may reach the port is the network's to say.
 *
 * @param port 0 = any free one.
 */
export async function startOperationsServer(
	operations: Operations,
	{ host, port }: { readonly host: string; readonly port: number },
): Promise<OperationsServer> {
	const server = createServer(
		{ requestTimeout: REQUEST_DEADLINE_MS, headersTimeout: REQUEST_DEADLINE_MS },
		(request, response) => {
			const isMetrics = request.method === "GET" && request.url?.split("?")[0] === "/metrics";
			if (!isMetrics) {
				response.writeHead(404, { "content-type": "text/plain" }).end("See /metrics.\n");
				return;
			}
			operations.read().then(
				(text) => response.writeHead(200, { "content-type": operations.contentType, "cache-control": "no-store" }).end(text),
				() => response.writeHead(500).end(),
			);
		},
	);
	await listening(server, host, port);
	const { address, port: bound, family } = server.address() as AddressInfo; // not a pipe: it was given a port
	return {
		url: `http://${family === "IPv6" ? `[${address}]` : address}:${bound}`,
		close: () =>
			new Promise((resolve) => {
				server.close(() => resolve());
				server.closeAllConnections();
			}),
	};
}

function listening(server: Server, host: string, port: number): Promise<void> {
	return new Promise((resolve, reject) => {
		server.once("error", reject);
		server.listen(port, host, resolve);
	});
}
