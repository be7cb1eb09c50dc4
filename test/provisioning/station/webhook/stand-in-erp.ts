import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface ErpRequest {
	readonly id: string;
	readonly path: string;
	readonly headers: IncomingHttpHeaders;
	readonly body: string;
}

/** What the ERP answers: a status, with headers if need be, or anything it likes to do with the response. */
export type ErpAnswer = (
	request: ErpRequest,
	count: number,
) => number | { status: number; headers: Record<string, string> } | ((response: ServerResponse) => void);

/** An ERP on loopback that keeps what it was sent. */
export interface StandInErp {
	readonly url: string;
	readonly requests: ErpRequest[];
	/** Ids that it took, in order. */
	readonly taken: string[];
	answer: ErpAnswer;
	close(): Promise<void>;
}

export async function openStandInErp(answer: ErpAnswer = () => 204): Promise<StandInErp> {
	const server = createServer((request, response) => {
		const chunks: Buffer[] = [];
		request.on("data", (chunk: Buffer) => chunks.push(chunk));
		request.on("end", () => {
			const id = String(request.headers["webhook-id"]);
			const heard = { id, path: request.url ?? "", headers: request.headers, body: Buffer.concat(chunks).toString("utf8") };
			erp.requests.push(heard);
			const said = erp.answer(heard, erp.requests.length);
			if (typeof said === "function") return said(response);
			const { status, headers } = typeof said === "number" ? { status: said, headers: {} } : said;
			if (status >= 200 && status < 300) erp.taken.push(id);
			response.writeHead(status, headers).end();
		});
	});
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	const { port } = server.address() as AddressInfo; // it listens on TCP
	const erp: StandInErp = {
		url: `http://127.0.0.1:${port}/hook`,
		requests: [],
		taken: [],
		answer,
		async close() {
			server.closeAllConnections();
			await new Promise<void>((resolve) => server.close(() => resolve()));
		},
	};
	return erp;
}
