import { mkdir, readdir, readFile, unlink } from "node:fs/promises";
import { join } from "node:path";

import { errorCode, replaceFile } from "../durable-file.ts";

/** A message to the ERP, its body already in the bytes that are sent each time. */
export interface WebhookMessage {
	/** Names the message for good: the ERP drops one that it had before. Letters, digits and underscores. */
	readonly id: string;
	/** Such as `unit.passed`. */
	readonly event: string;
	/** Messages of one contract are delivered in their order. */
	readonly contractId?: string;
	/** JSON. */
	readonly body: string;
}

/** Messages on disk, beside the journal that names them. */
export interface Outbox {
	/** Puts a message there, whole or not at all, safe from a loss of power when this resolves. The same id again replaces it. */
	put(message: WebhookMessage): Promise<void>;
	/** `undefined` if it is not there or cannot be read. */
	get(id: string): Promise<WebhookMessage | undefined>;
	/** Does nothing if it is not there. */
	remove(id: string): Promise<void>;
	ids(): Promise<readonly string[]>;
}

const NAME = /^([A-Za-z0-9_]{1,80})\.json$/;

/** An outbox in a folder: one file for each message. The folder is made if it is not there. */
export function folderOutbox(folder: string): Outbox {
	const pathOf = (id: string) => {
		if (!NAME.test(`${id}.json`)) throw new RangeError("the id of a message is letters, digits and underscores");
		return join(folder, `${id}.json`);
	};
	return {
		async put(message) {
			const path = pathOf(message.id);
			await mkdir(folder, { recursive: true, mode: 0o700 });
			await replaceFile(path, JSON.stringify(message), 0o600);
		},
		async get(id) {
			try {
				return messageOf(JSON.parse(await readFile(pathOf(id), "utf8")), id);
			} catch {
				return undefined;
			}
		},
		async remove(id) {
			await unlink(pathOf(id)).catch((error: unknown) => {
				if (errorCode(error) !== "ENOENT") throw error;
			});
		},
		async ids() {
			const names = await readdir(folder).catch(() => []);
			return names.flatMap((name) => NAME.exec(name)?.[1] ?? []).sort();
		},
	};
}

function messageOf(value: unknown, id: string): WebhookMessage | undefined {
	if (typeof value !== "object" || value === null) return undefined;
	const field = (name: keyof WebhookMessage): unknown => Reflect.get(value, name);
	const [event, body, contractId] = [field("event"), field("body"), field("contractId")];
	if (field("id") !== id || typeof event !== "string" || typeof body !== "string") return undefined;
	return { id, event, body, ...(typeof contractId === "string" ? { contractId } : {}) };
}
