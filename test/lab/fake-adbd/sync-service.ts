import { mkdirSync, readdirSync, type Stats, statSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

import type { PhoneFiles } from "../phone-files.ts";
import { ByteReader } from "./byte-reader.ts";
import type { Stream } from "./stream.ts";

const CHUNK_BYTES = 64 * 1024;
const ENOENT = 2;

/** ADB's file service, versions 1 and 2 (AOSP packages/modules/adb/file_sync_protocol.h), on the phone's own files. */
export async function serveSync(stream: Stream, files: PhoneFiles): Promise<void> {
	const input = new ByteReader(() => stream.read());
	for (;;) {
		const id = await input.text(4);
		const length = await input.uint32();
		if (id === undefined || length === undefined || id === "QUIT") break;
		const argument = (await input.text(length)) ?? "";
		switch (id) {
			case "SEND": {
				// "path,mode" with a decimal mode; the path itself may hold commas.
				const comma = argument.lastIndexOf(",");
				await receive(stream, input, files, argument.slice(0, comma));
				break;
			}
			case "SND2":
				await input.exactly(12); // the id again, mode, flags: no compression was offered
				await receive(stream, input, files, argument);
				break;
			case "RECV":
				await send(stream, files, argument);
				break;
			case "RCV2":
				await input.exactly(8);
				await send(stream, files, argument);
				break;
			case "STAT": {
				const found = stat(files, argument);
				await stream.write(packed("STAT", found?.mode ?? 0, found?.size ?? 0, seconds(found)));
				break;
			}
			case "STA2":
			case "LST2":
				await stream.write(Buffer.concat([Buffer.from(id, "latin1"), stat2(stat(files, argument))]));
				break;
			case "LIST":
				await list(stream, files, argument, "DENT");
				break;
			case "LIS2":
				await list(stream, files, argument, "DNT2");
				break;
			default:
				await fail(stream, `unknown command ${id}`);
		}
	}
	stream.close();
}

async function receive(stream: Stream, input: ByteReader, files: PhoneFiles, path: string): Promise<void> {
	const parts: Uint8Array[] = [];
	for (;;) {
		const id = await input.text(4);
		const size = await input.uint32();
		if (id === undefined || size === undefined) return;
		if (id === "DONE") {
			const problem = store(files, path, Buffer.concat(parts), size);
			await (problem === undefined ? stream.write(packed("OKAY", 0)) : fail(stream, problem));
			return;
		}
		if (id !== "DATA" || size > CHUNK_BYTES) return fail(stream, `unexpected ${id}`);
		const part = await input.exactly(size);
		if (!part) return;
		parts.push(part);
	}
}

/** @returns why the phone does not take the file, in adbd's words. */
function store(files: PhoneFiles, path: string, content: Uint8Array, mtime: number): string | undefined {
	const host = files.hostPath(path);
	if (host === undefined) return "couldn't create file: Read-only file system";
	try {
		mkdirSync(dirname(host), { recursive: true });
		writeFileSync(host, content);
		utimesSync(host, mtime, mtime);
		return undefined;
	} catch (error) {
		const code = error instanceof Error && "code" in error ? error.code : undefined;
		if (code === "EISDIR") return "couldn't create file: Is a directory";
		return code === "ENOTDIR" || code === "EEXIST"
			? "couldn't create file: Not a directory"
			: "couldn't create file: No space left on device";
	}
}

async function send(stream: Stream, files: PhoneFiles, path: string): Promise<void> {
	const content = files.read(path);
	if (!content) return fail(stream, "open failed: No such file or directory");
	for (let at = 0; at < content.length; at += CHUNK_BYTES) {
		const part = content.subarray(at, at + CHUNK_BYTES);
		await stream.write(Buffer.concat([packed("DATA", part.length), part]));
	}
	await stream.write(packed("DONE", 0));
}

async function list(stream: Stream, files: PhoneFiles, path: string, id: "DENT" | "DNT2"): Promise<void> {
	const host = files.hostPath(path);
	const names = host === undefined || !stat(files, path)?.isDirectory() ? [] : readdirSync(host);
	for (const name of names) {
		const found = stat(files, join(path, name));
		const bytes = Buffer.from(name);
		const header =
			id === "DENT"
				? packed(id, found?.mode ?? 0, found?.size ?? 0, seconds(found), bytes.length)
				: Buffer.concat([Buffer.from(id, "latin1"), stat2(found), packed("", bytes.length)]);
		await stream.write(Buffer.concat([header, bytes]));
	}
	await stream.write(Buffer.concat([Buffer.from("DONE"), Buffer.alloc(id === "DENT" ? 16 : 72)]));
}

function stat(files: PhoneFiles, path: string): Stats | undefined {
	const host = files.hostPath(path);
	return host === undefined ? undefined : statSync(host, { throwIfNoEntry: false });
}

/** error, dev, ino, mode, nlink, uid, gid, size, atime, mtime, ctime. */
function stat2(found: Stats | undefined): Buffer {
	const body = Buffer.alloc(68);
	body.writeUInt32LE(found ? 0 : ENOENT, 0);
	if (!found) return body;
	body.writeUInt32LE(found.mode, 20);
	body.writeUInt32LE(found.nlink, 24);
	body.writeUInt32LE(2000, 28);
	body.writeUInt32LE(2000, 32);
	body.writeBigUInt64LE(BigInt(found.size), 36);
	for (const offset of [44, 52, 60]) body.writeBigUInt64LE(BigInt(seconds(found)), offset);
	return body;
}

function seconds(found: Stats | undefined): number {
	return Math.floor((found?.mtimeMs ?? 0) / 1000);
}

function fail(stream: Stream, message: string): Promise<void> {
	return stream.write(Buffer.concat([packed("FAIL", Buffer.byteLength(message)), Buffer.from(message)])).then(() => {});
}

function packed(id: string, ...words: readonly number[]): Buffer {
	const bytes = Buffer.alloc(id.length + 4 * words.length);
	bytes.write(id, "latin1");
	for (const [index, word] of words.entries()) bytes.writeUInt32LE(word >>> 0, id.length + 4 * index);
	return bytes;
}
