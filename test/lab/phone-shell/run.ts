import type { Handset } from "../handset.ts";
import { inaccessible } from "../userland/android-text.ts";
import type { Reply, Stdin } from "../userland/command.ts";
import { COMMANDS, runCommand } from "../userland/commands.ts";
import { parse } from "./parse.ts";
import { changed, globSource } from "./patterns.ts";
import type { Redirect, Sequence, ShellCommand, Word } from "./syntax.ts";
import { ShellSyntaxError } from "./tokens.ts";
import { readable, TOYBOX } from "./toybox.ts";

/** What a script printed and how it ended. */
export interface Ended {
	readonly stdout: Uint8Array;
	readonly stderr: Uint8Array;
	readonly exitCode: number;
}

/** Runs a script as the phone's `sh` would. `undefined`: the link died at one of its commands. */
export async function runScript(phone: Handset, script: string, stdin: Stdin): Promise<Ended | undefined> {
	const shell = new Shell(phone);
	const output = new Output();
	try {
		await shell.sequence(parse(script), {
			stdin,
			stdout: output.stdout,
			stderr: output.stderr,
		});
	} catch (error) {
		if (error instanceof LinkDied) return undefined;
		if (error instanceof ShellSyntaxError) {
			output.stderr.push(encode(`/system/bin/sh: syntax error: ${error.message}\n`));
			shell.status = 2;
		} else if (!(error instanceof Exit)) {
			throw error;
		}
	}
	return {
		stdout: join(output.stdout),
		stderr: join(output.stderr),
		exitCode: shell.status,
	};
}

/** What the kernel gives a program in one argument: 32 pages of 4 KiB, the final zero included. */
const MAX_ARGUMENT = 32 * 4096 - 1;

function tooLong(name: string): Reply {
	return { stdout: "", stderr: `/system/bin/sh: ${name}: Argument list too long\n`, exitCode: 126 };
}

class LinkDied extends Error {}
class Exit extends Error {}
/** `return` on its way to the end of its function. */
class Return extends Error {}

class Output {
	readonly stdout: Uint8Array[] = [];
	readonly stderr: Uint8Array[] = [];
}

interface Io {
	readonly stdin: Stdin;
	readonly stdout: Uint8Array[];
	readonly stderr: Uint8Array[];
}

/** Loops of a script that never ends: a phone would let them run, a test should not. */
const MAX_ROUNDS = 10_000;

class Shell {
	status = 0;
	readonly variables = new Map<string, string>([
		["HOME", "/"],
		["PATH", "/system/bin"],
		["USER", "shell"],
	]);

	/** `$1`, `$2`, ... */
	#parameters: readonly string[] = [];
	readonly #functions = new Map<string, ShellCommand>();

	constructor(readonly phone: Handset) {}

	async sequence(sequence: Sequence, io: Io): Promise<void> {
		for (const { after, commands, negated } of sequence) {
			if ((after === "&&" && this.status !== 0) || (after === "||" && this.status === 0)) continue;
			await this.#pipeline(commands, io);
			if (negated) this.status = this.status === 0 ? 1 : 0;
		}
	}

	async #pipeline(commands: readonly ShellCommand[], io: Io): Promise<void> {
		let stdin = io.stdin;
		for (const [index, command] of commands.entries()) {
			const last = index === commands.length - 1;
			const stdout: Uint8Array[] = last ? io.stdout : [];
			await this.#command(command, { stdin, stdout, stderr: io.stderr });
			if (!last) stdin = stdinOf(join(stdout));
		}
	}

	async #command(command: ShellCommand, outer: Io): Promise<void> {
		const sinks: (() => void)[] = [];
		const io = await this.#redirected(command.redirects, outer, sinks);
		if (!io) {
			this.status = 1;
			return;
		}
		switch (command.kind) {
			case "simple":
				await this.#simple(command, io);
				break;
			case "group":
				await this.sequence(command.body, io);
				break;
			case "if": {
				const branch = await this.#branch(command.branches, io);
				const body = branch ?? command.otherwise;
				this.status = 0;
				if (body) await this.sequence(body, io);
				break;
			}
			case "while":
				for (let round = 0; round < MAX_ROUNDS; round += 1) {
					await this.sequence(command.condition, io);
					if ((this.status === 0) === command.until) break;
					await this.sequence(command.body, io);
				}
				this.status = 0;
				break;
			case "function":
				this.#functions.set(command.name, command.body);
				this.status = 0;
				break;
			case "case": {
				const subject = await this.#expandOne(command.subject, io);
				const body = await this.#caseBranch(subject, command.branches, io);
				this.status = 0;
				if (body) await this.sequence(body, io);
				break;
			}
			case "for":
				for (const value of await this.#expandAll(command.words, io)) {
					this.variables.set(command.name, value);
					await this.sequence(command.body, io);
				}
				break;
		}
		for (const flush of sinks) flush();
	}

	async #branch(branches: readonly { condition: Sequence; body: Sequence }[], io: Io): Promise<Sequence | undefined> {
		for (const { condition, body } of branches) {
			await this.sequence(condition, io);
			if (this.status === 0) return body;
		}
		return undefined;
	}

	async #caseBranch(
		subject: string,
		branches: readonly { patterns: readonly Word[]; body: Sequence }[],
		io: Io,
	): Promise<Sequence | undefined> {
		for (const { patterns, body } of branches) {
			for (const pattern of patterns) {
				let source = "";
				for (const part of pattern) source += globSource(await this.#valueOf(part, io), part.quoted);
				if (new RegExp(`^${source}$`, "s").test(subject)) return body;
			}
		}
		return undefined;
	}

	async #call(body: ShellCommand, parameters: readonly string[], io: Io): Promise<void> {
		const outer = this.#parameters;
		this.#parameters = parameters;
		try {
			await this.#command(body, io);
		} catch (error) {
			if (!(error instanceof Return)) throw error;
		} finally {
			this.#parameters = outer;
		}
	}

	async #simple(command: Extract<ShellCommand, { kind: "simple" }>, io: Io): Promise<void> {
		const argv = await this.#expandAll(command.words, io);
		if (argv.length === 0) this.status = 0;
		for (const { name, value } of command.assignments) this.variables.set(name, await this.#expandOne(value, io));
		const name = argv[0];
		if (name === undefined) return;
		if (name === "exit" || name === "return") {
			this.status = Number(argv[1] ?? this.status) & 255;
			throw name === "exit" ? new Exit() : new Return();
		}
		if (name === "shift") {
			this.#parameters = this.#parameters.slice(Number(argv[1] ?? 1));
			this.status = 0;
			return;
		}
		const body = this.#functions.get(name);
		if (body) return this.#call(body, argv.slice(1), io);
		if (name === "set" || name === "export" || name === "unset") {
			this.status = 0;
			return;
		}
		if (name === "read") {
			const text = new TextDecoder().decode(await io.stdin.all());
			const end = text.indexOf("\n");
			this.variables.set(argv.at(-1) ?? "REPLY", (end < 0 ? text : text.slice(0, end)).trim());
			this.status = end < 0 ? 1 : 0;
			return;
		}
		const reply = await this.#run(argv, io.stdin);
		if (reply.stdout.length > 0) io.stdout.push(typeof reply.stdout === "string" ? encode(reply.stdout) : reply.stdout);
		if (reply.stderr.length > 0) io.stderr.push(encode(reply.stderr));
		this.status = reply.exitCode;
	}

	async #run(argv: readonly string[], stdin: Stdin): Promise<Reply> {
		const name = (argv[0] ?? "").replace(/^\/system\/bin\//, "");
		const tool = TOYBOX[name];
		if (tool && this.phone.state.quirks.foyer !== true) return tool(this.phone, argv, stdin);
		if (!tool && !COMMANDS[name]) return inaccessible(name);
		if (argv.some((word) => word.length > MAX_ARGUMENT)) return tooLong(name);
		const reply = await runCommand(this.phone, [name, ...argv.slice(1)], stdin);
		if (!reply) throw new LinkDied();
		return reply;
	}

	async #redirected(redirects: readonly Redirect[], io: Io, sinks: (() => void)[]): Promise<Io | undefined> {
		let { stdin, stdout, stderr } = io;
		for (const { fd, operator, target } of redirects) {
			const to = await this.#expandOne(target, io);
			if (operator === "<") {
				const content = to === "/dev/null" ? new Uint8Array() : readable(this.phone, to);
				if (!content) {
					stderr.push(encode(`/system/bin/sh: can't open ${to}: No such file or directory\n`));
					return undefined;
				}
				stdin = stdinOf(content);
			} else if (operator === ">&") {
				if (fd === 2) stderr = to === "1" ? stdout : stderr;
				else if (fd === 1) stdout = to === "2" ? stderr : stdout;
			} else {
				const sink: Uint8Array[] = [];
				if (to !== "/dev/null") {
					if (this.phone.files.hostPath(to) === undefined) {
						stderr.push(encode(`/system/bin/sh: can't create ${to}: Read-only file system\n`));
						return undefined;
					}
					const before = operator === ">>" ? (this.phone.files.read(to) ?? new Uint8Array()) : new Uint8Array();
					sinks.push(() => this.phone.files.write(to, join([before, ...sink])));
				}
				if (fd === 2) stderr = sink;
				else stdout = sink;
			}
		}
		return { stdin, stdout, stderr };
	}

	async #expandAll(words: readonly Word[], io: Io): Promise<string[]> {
		const fields: string[] = [];
		for (const word of words) fields.push(...(await this.#expand(word, io)));
		return fields;
	}

	async #expandOne(word: Word, io: Io): Promise<string> {
		let text = "";
		for (const part of word) text += await this.#valueOf(part, io);
		return text;
	}

	/** Splits what came from unquoted expansions at blanks. */
	async #expand(word: Word, io: Io): Promise<string[]> {
		const fields: string[] = [];
		let open: string | undefined;
		for (const part of word) {
			if (part.kind === "variable" && part.name === "@" && part.quoted) {
				const [first, ...others] = this.#parameters;
				if (first === undefined) continue;
				open = (open ?? "") + first;
				for (const other of others) {
					fields.push(open);
					open = other;
				}
				continue;
			}
			const value = await this.#valueOf(part, io);
			if (part.quoted || part.kind === "text") {
				open = (open ?? "") + value;
				continue;
			}
			const pieces = value.split(/[ \t\n]+/);
			for (const [index, piece] of pieces.entries()) {
				if (index > 0 && open !== undefined) {
					fields.push(open);
					open = undefined;
				}
				if (piece !== "") open = (open ?? "") + piece;
			}
		}
		if (open !== undefined) fields.push(open);
		return fields;
	}

	async #valueOf(part: Word[number], io: Io): Promise<string> {
		switch (part.kind) {
			case "text":
				return part.text;
			case "variable":
				return changed(this.#variable(part.name), part.change);
			case "output": {
				const stdout: Uint8Array[] = [];
				try {
					await this.sequence(parse(part.script), { ...io, stdout });
				} catch (error) {
					if (!(error instanceof Exit)) throw error;
				}
				return new TextDecoder().decode(join(stdout)).replace(/\n+$/, "");
			}
			case "arithmetic":
				return String(this.#arithmetic(part.text));
		}
	}

	#variable(name: string): string {
		if (name === "?") return String(this.status);
		if (name === "#") return String(this.#parameters.length);
		if (name === "@" || name === "*") return this.#parameters.join(" ");
		if (name === "$") return "4711";
		if (name === "RANDOM") return String(Math.floor(Math.random() * 32768));
		return /^[1-9]$/.test(name) ? (this.#parameters[Number(name) - 1] ?? "") : (this.variables.get(name) ?? "");
	}

	/** Sums and products of two numbers or variables: enough to count. */
	#arithmetic(text: string): number {
		const [, left = "0", operator, right = "0"] = /^\s*\$?(\w+)\s*(?:([-+*/%])\s*\$?(\w+))?\s*$/.exec(text) ?? [];
		const value = (name: string) => Number(/^\d/.test(name) ? name : (this.variables.get(name) ?? 0));
		switch (operator) {
			case "+":
				return value(left) + value(right);
			case "-":
				return value(left) - value(right);
			case "*":
				return value(left) * value(right);
			case "/":
				return Math.trunc(value(left) / value(right));
			case "%":
				return value(left) % value(right);
			default:
				return value(left);
		}
	}
}

function stdinOf(content: Uint8Array): Stdin {
	let at = 0;
	const read = async (count: number) => {
		const part = content.subarray(at, at + count);
		at += part.length;
		return part;
	};
	return { read, all: () => read(content.length) };
}

function encode(text: string): Uint8Array {
	return new TextEncoder().encode(text);
}

function join(parts: readonly Uint8Array[]): Uint8Array {
	return new Uint8Array(Buffer.concat(parts));
}
