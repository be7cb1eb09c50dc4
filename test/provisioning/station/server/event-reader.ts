import { get, type IncomingMessage } from "node:http";

export interface ServerEvent {
	readonly event: string;
	readonly id: string | undefined;
	readonly data: unknown;
}

/** Reads server-sent events one by one; `next` waits for one. */
export interface EventReader {
	readonly response: IncomingMessage;
	next(event?: string): Promise<ServerEvent>;
	close(): void;
}

export async function readEvents(url: string, headers: Record<string, string> = {}): Promise<EventReader> {
	const request = get(url, { headers, agent: false });
	const response = await new Promise<IncomingMessage>((resolve, reject) => {
		request.on("response", resolve);
		request.on("error", reject);
	});
	request.on("error", () => {});
	response.on("error", () => {});
	response.setEncoding("utf8");
	const events = parse(response);
	return {
		response,
		async next(event) {
			while (true) {
				const { value, done } = await events.next();
				if (done) throw new Error("the stream ended");
				if (event === undefined || value.event === event) return value;
			}
		},
		close: () => void request.destroy(),
	};
}

async function* parse(response: IncomingMessage): AsyncGenerator<ServerEvent, void, void> {
	let text = "";
	for await (const part of response) {
		text += part;
		for (let end = text.indexOf("\n\n"); end >= 0; end = text.indexOf("\n\n")) {
			const fields = new Map(
				text
					.slice(0, end)
					.split("\n")
					.map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 1).trim()]),
			);
			text = text.slice(end + 2);
			yield { event: fields.get("event") ?? "", id: fields.get("id"), data: JSON.parse(fields.get("data") ?? "null") };
		}
	}
}
