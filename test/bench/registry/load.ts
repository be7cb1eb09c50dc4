import { connect, type Socket } from "node:net";

/** How requests are sent. */
export interface Load {
	/** `http://127.0.0.1:port` of each node; connections are spread over them. */
	readonly urls: readonly string[];
	/** Bodies, each sent once, in their order. */
	readonly bodies: readonly Uint8Array[];
	readonly connections: number;
	/** Requests a second, whether the answers keep up or not. Default: each connection sends its next when it has its answer. */
	readonly perSecond?: number;
}

export interface LoadEnd {
	readonly wallMs: number;
	/** From when a request was due to its answer, milliseconds, in no order; without those that were due in the first second. */
	readonly latencies: readonly number[];
	/** By body; `undefined` where the answer was none or not 200. */
	readonly answers: readonly (Uint8Array | undefined)[];
	/** Answers that were not 200, by their status; 0: the connection broke. */
	readonly refused: ReadonlyMap<number, number>;
}

/** The client comes from signing what it sends, and collects what that left behind; servers come from a pause. */
const UNCOUNTED_MS = 1000;

/**
 * Sends check-ins over kept HTTP/1.1 connections, one at a time on each. It is its own client, because it shares the cores with what it
 * measures: it writes and reads what HTTP needs and nothing else.
 */
export async function load({ urls, bodies, connections, perSecond }: Load): Promise<LoadEnd> {
	const latencies: number[] = [];
	const answers: (Uint8Array | undefined)[] = new Array(bodies.length);
	const refused = new Map<number, number>();
	const urlOf = (worker: number) => urls[worker % urls.length] ?? "";
	const opened = await Promise.all(Array.from({ length: connections }, (_, worker) => openConnection(urlOf(worker))));
	const startedAt = performance.now();
	const dueAt = (index: number) => (perSecond === undefined ? performance.now() : startedAt + (index * 1000) / perSecond);
	let next = 0;
	const workers = opened.map(async (first, worker) => {
		const url = urlOf(worker);
		let connection = first;
		for (let index = next++; index < bodies.length; index = next++) {
			const due = dueAt(index);
			const early = due - performance.now();
			if (early > 1) await new Promise((resolve) => setTimeout(resolve, early));
			const { status, body } = await connection
				.post(bodies[index] ?? new Uint8Array())
				.catch(() => ({ status: 0, body: undefined }));
			if (due > startedAt + UNCOUNTED_MS) latencies.push(performance.now() - due);
			if (status === 200) answers[index] = body;
			else refused.set(status, (refused.get(status) ?? 0) + 1);
			if (status === 0) connection = await openConnection(url);
		}
		connection.close();
	});
	await Promise.all(workers);
	return { wallMs: performance.now() - startedAt, latencies, answers, refused };
}

interface Connection {
	post(body: Uint8Array): Promise<{ status: number; body: Uint8Array }>;
	close(): void;
}

const HEAD_END = Buffer.from("\r\n\r\n");
const ANSWER_DEADLINE_MS = 60_000;

async function openConnection(url: string): Promise<Connection> {
	const { hostname, port } = new URL(url);
	const socket = await new Promise<Socket>((resolve, reject) => {
		const opening = connect({ host: hostname, port: Number(port), noDelay: true }, () => resolve(opening));
		opening.once("error", reject);
	});
	let received: Buffer = Buffer.alloc(0);
	let waiting: { resolve(answer: { status: number; body: Uint8Array }): void; reject(error: Error): void } | undefined;
	const fail = () => waiting?.reject(new Error("the connection broke"));
	socket.on("error", fail);
	socket.on("close", fail);
	socket.on("data", (chunk: Buffer) => {
		received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
		const headEnd = received.indexOf(HEAD_END);
		if (headEnd < 0) return;
		const head = received.toString("latin1", 0, headEnd);
		const length = Number(/content-length: (\d+)/i.exec(head)?.[1]);
		const end = headEnd + HEAD_END.length + length;
		if (received.length < end) return;
		const body = Uint8Array.from(received.subarray(end - length, end));
		received = received.subarray(end);
		waiting?.resolve({ status: Number(head.slice(9, 12)), body });
	});
	return {
		post(body) {
			return new Promise((resolve, reject) => {
				const timer = setTimeout(() => socket.destroy(), ANSWER_DEADLINE_MS);
				waiting = {
					resolve: (answer) => {
						clearTimeout(timer);
						resolve(answer);
					},
					reject,
				};
				const head = `POST /v1/device/check-in HTTP/1.1\r\nhost: ${hostname}:${port}\r\ncontent-type: application/x-protobuf\r\ncontent-length: ${body.length}\r\n\r\n`;
				socket.write(Buffer.concat([Buffer.from(head, "latin1"), body]));
			});
		},
		close: () => socket.destroy(),
	};
}
