import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";

import type { EnrollmentOffer } from "../../../../provisioning/procedure/registry-port.ts";
import { toBase64 } from "../../../../provisioning/registry/base64.ts";

/** A server on loopback that says what a test wants. */
export interface PretendedServer {
	/** Without a stroke at its end. */
	readonly url: string;
	/** Requests until now. */
	count(): number;
	close(): void;
}

export async function pretend(handler: RequestListener): Promise<PretendedServer> {
	let count = 0;
	const server = createServer((request, response) => {
		count += 1;
		handler(request, response);
	});
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	const { port } = server.address() as AddressInfo; // a TCP server's address is never text
	return {
		url: `http://127.0.0.1:${port}`,
		count: () => count,
		close: () => {
			server.closeAllConnections();
			server.close();
		},
	};
}

/** Answers with a value. */
export function json(value: unknown): RequestListener {
	return (_request, response) => {
		response.setHeader("content-type", "application/json").end(JSON.stringify(value));
	};
}

/** An offer as a registry sends it. */
export function offerJson(offer: EnrollmentOffer) {
	return {
		...offer,
		keySetEnvelopes: offer.keySetEnvelopes.map(toBase64),
		bindingEnvelope: toBase64(offer.bindingEnvelope),
		terms: toBase64(offer.terms),
		consent: toBase64(offer.consent),
		codeKey: toBase64(offer.codeKey),
	};
}
