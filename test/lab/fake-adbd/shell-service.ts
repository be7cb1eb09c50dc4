import type { Handset } from "../handset.ts";
import { runScript } from "../phone-shell/run.ts";
import type { Stdin } from "../userland/command.ts";
import { ByteReader } from "./byte-reader.ts";
import type { Stream } from "./stream.ts";

/** Packet ids of shell v2: u8 id, u32 length, data. */
const Id = { Stdin: 0, Stdout: 1, Stderr: 2, Exit: 3, CloseStdin: 4 } as const;

/** `shell,v2,raw:COMMAND`: stdout, stderr and exit code apart. */
export async function serveShellV2(phone: Handset, command: string, stream: Stream): Promise<void> {
	const input = new ByteReader(() => stream.read());
	const frame = (id: number, data: Uint8Array) => {
		const header = Buffer.alloc(5);
		header.writeUInt8(id, 0);
		header.writeUInt32LE(data.length, 1);
		return stream.write(Buffer.concat([header, data]));
	};
	const stdin = stdinFrom(async () => {
		for (;;) {
			const id = (await input.exactly(1))?.[0];
			const length = await input.uint32();
			if (id === undefined || length === undefined) return undefined;
			const data = await input.exactly(length);
			if (id === Id.CloseStdin) return undefined;
			if (id === Id.Stdin && data && data.length > 0) return data;
			// Window sizes and the like are for terminals.
		}
	});
	const ended = await runScript(phone, command, stdin);
	if (!ended) return; // the link dies first
	if (ended.stdout.length > 0) await frame(Id.Stdout, ended.stdout);
	if (ended.stderr.length > 0) await frame(Id.Stderr, ended.stderr);
	await frame(Id.Exit, Uint8Array.of(ended.exitCode));
	stream.close();
}

/** `shell:` and `exec:`: one stream of bytes, no exit code. */
export async function serveRaw(phone: Handset, command: string, stream: Stream): Promise<void> {
	const ended = await runScript(
		phone,
		command,
		stdinFrom(() => stream.read()),
	);
	if (!ended) return;
	await stream.write(Buffer.concat([ended.stdout, ended.stderr]));
	stream.close();
}

function stdinFrom(next: () => Promise<Uint8Array | undefined>): Stdin {
	let held: Uint8Array = new Uint8Array();
	let ended = false;
	const take = async (count: number, bytesPerSecond: number) => {
		const parts: Uint8Array[] = [];
		let have = 0;
		while (have < count && !ended) {
			if (held.length === 0) {
				const chunk = await next();
				if (!chunk) {
					ended = true;
					break;
				}
				held = chunk;
				if (bytesPerSecond < Number.POSITIVE_INFINITY) {
					await new Promise((resolve) => setTimeout(resolve, (1000 * chunk.length) / bytesPerSecond));
				}
			}
			const part = held.subarray(0, count - have);
			held = held.subarray(part.length);
			parts.push(part);
			have += part.length;
		}
		return new Uint8Array(Buffer.concat(parts));
	};
	return {
		read: (count, bytesPerSecond = Number.POSITIVE_INFINITY) => take(count, bytesPerSecond),
		all: (bytesPerSecond = Number.POSITIVE_INFINITY) => take(Number.POSITIVE_INFINITY, bytesPerSecond),
	};
}
