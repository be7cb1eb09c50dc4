import { createHash, randomUUID } from "node:crypto";
import { mkdirSync, readdirSync, statSync } from "node:fs";
import type { Handset } from "../handset.ts";
import { type Command, failed, out, type Reply } from "../userland/command.ts";

/** The little programs of every Android shell, where a real one is not at hand. Only what scripts over adb use. */
export const TOYBOX: Readonly<Record<string, Command>> = {
	":": () => out(),
	true: () => out(),
	false: () => failed(1, ""),
	echo: (_phone, argv) => {
		const bare = argv[1] === "-n";
		return {
			...out(),
			stdout: argv.slice(bare ? 2 : 1).join(" ") + (bare ? "" : "\n"),
		};
	},
	printf: (_phone, argv) => ({
		...out(),
		stdout: format(argv[1] ?? "", argv.slice(2)),
	}),
	cat: async (phone, argv, stdin) => {
		if (argv.length === 1) return { ...out(), stdout: await stdin.all() };
		return each(argv.slice(1), (path) => readable(phone, path) ?? `cat: ${path}: No such file or directory\n`);
	},
	date: (phone, argv) =>
		out(argv[1] === "+%s" ? String(Math.floor(phone.nowMs() / 1000)) : new Date(phone.nowMs()).toUTCString()),
	test: (phone, argv) => condition(phone, argv.slice(1)),
	"[": (phone, argv) => condition(phone, argv.slice(1, -1)),
	sleep: async (_phone, argv) => {
		await new Promise((resolve) => setTimeout(resolve, 1000 * Number(argv[1] ?? 0)));
		return out();
	},
	ls: (phone, argv) => list(phone, argv.filter((word, at) => at > 0 && !word.startsWith("-"))[0] ?? "/"),
	mkdir: (phone, argv) => {
		for (const path of argv.slice(1).filter((word) => !word.startsWith("-"))) {
			const host = phone.files.hostPath(path);
			if (host === undefined) return failed(1, `mkdir: '${path}': Read-only file system\n`);
			mkdirSync(host, { recursive: true });
		}
		return out();
	},
	rm: (phone, argv) => {
		const force = argv.some((word) => /^-\w*f/.test(word));
		for (const path of argv.slice(1).filter((word) => !word.startsWith("-"))) {
			const host = phone.files.hostPath(path);
			const found = host !== undefined && statSync(host, { throwIfNoEntry: false });
			if (!found && !force) return failed(1, `rm: ${path}: No such file or directory\n`);
			phone.files.remove(path);
		}
		return out();
	},
	sha256sum: (phone, argv) =>
		each(argv.slice(1), (path) => {
			const content = phone.files.read(path);
			if (!content) return `sha256sum: ${path}: No such file or directory\n`;
			return new TextEncoder().encode(`${createHash("sha256").update(content).digest("hex")}  ${path}\n`);
		}),
	head: async (_phone, argv, stdin) => {
		const lines = Number(argv[argv.indexOf("-n") + 1] ?? argv[1]?.slice(1) ?? 10) || 10;
		return {
			...out(),
			stdout: (await text(stdin))
				.split(/(?<=\n)/)
				.slice(0, lines)
				.join(""),
		};
	},
	grep: async (_phone, argv, stdin) => {
		const flags = argv
			.slice(1)
			.filter((word) => word.startsWith("-"))
			.join("");
		const pattern = argv.slice(1).find((word) => !word.startsWith("-")) ?? "";
		const wanted = new RegExp(pattern, flags.includes("i") ? "i" : "");
		const found = (await text(stdin)).split("\n").filter((line, at, all) => {
			const last = at === all.length - 1 && line === "";
			return !last && wanted.test(line) !== flags.includes("v");
		});
		if (flags.includes("q")) return failed(found.length > 0 ? 0 : 1, "");
		return {
			...out(...(flags.includes("c") ? [String(found.length)] : found)),
			exitCode: found.length > 0 ? 0 : 1,
		};
	},
	tr: async (_phone, argv, stdin) => {
		const dropped = argv[1] === "-d" ? format(argv[2] ?? "", []) : "";
		return {
			...out(),
			stdout: [...(await text(stdin))].filter((character) => !dropped.includes(character)).join(""),
		};
	},
};

async function text(stdin: { all(): Promise<Uint8Array> }): Promise<string> {
	return new TextDecoder().decode(await stdin.all());
}

/** A file as the phone's programs see it. */
export function readable(phone: Handset, path: string): Uint8Array | undefined {
	if (path === "/proc/sys/kernel/random/boot_id") return new TextEncoder().encode(`${phone.state.bootId}\n`);
	if (path === "/proc/sys/kernel/random/uuid") return new TextEncoder().encode(`${randomUUID()}\n`);
	if (path === "/proc/uptime") return new TextEncoder().encode(`${(phone.uptimeMs() / 1000).toFixed(2)} 0.00\n`);
	return path === "/dev/null" ? new Uint8Array() : phone.files.read(path);
}

/** Bytes are output, a text is a complaint. */
function each(paths: readonly string[], read: (path: string) => Uint8Array | string): Reply {
	const results = paths.map(read);
	const complaints = results.filter((result) => typeof result === "string");
	const content = results.filter((result) => typeof result !== "string");
	return {
		stdout: new Uint8Array(Buffer.concat(content)),
		stderr: complaints.join(""),
		exitCode: complaints.length > 0 ? 1 : 0,
	};
}

function list(phone: Handset, path: string): Reply {
	const host = phone.files.hostPath(path);
	const found = host === undefined ? undefined : statSync(host, { throwIfNoEntry: false });
	if (host === undefined || !found) return failed(1, `ls: ${path}: No such file or directory\n`);
	return found.isDirectory() ? out(...readdirSync(host).sort()) : out(path);
}

function condition(phone: Handset, words: readonly string[]): Reply {
	const [first = "", second = "", third = ""] = words;
	if (first === "!") return failed(condition(phone, words.slice(1)).exitCode === 0 ? 1 : 0, "");
	return failed(holds(phone, words.length, first, second, third) ? 0 : 1, "");
}

function holds(phone: Handset, count: number, first: string, second: string, third: string): boolean {
	if (count === 1) return first !== "";
	if (count === 2) {
		const host = phone.files.hostPath(second);
		const found = host === undefined ? undefined : statSync(host, { throwIfNoEntry: false });
		if (first === "-n") return second !== "";
		if (first === "-z") return second === "";
		if (first === "-d") return found?.isDirectory() === true;
		if (first === "-f") return found?.isFile() === true;
		return found !== undefined;
	}
	switch (second) {
		case "=":
		case "==":
			return first === third;
		case "!=":
			return first !== third;
		case "-eq":
			return Number(first) === Number(third);
		case "-ne":
			return Number(first) !== Number(third);
		case "-lt":
			return Number(first) < Number(third);
		case "-le":
			return Number(first) <= Number(third);
		case "-gt":
			return Number(first) > Number(third);
		case "-ge":
			return Number(first) >= Number(third);
		default:
			return false;
	}
}

/** `%s`, `%d`, `%%` and backslash escapes; the format is used again while arguments are left, as POSIX says. */
function format(pattern: string, given: readonly string[]): string {
	const left = [...given];
	let printed = "";
	do {
		printed += pattern.replace(/\\(n|t|\\|0|[0-7]{1,3})|%([sd%])/g, (_all, escaped?: string, directive?: string) => {
			if (escaped === "n") return "\n";
			if (escaped === "t") return "\t";
			if (escaped === "\\") return "\\";
			if (escaped !== undefined) return String.fromCharCode(Number.parseInt(escaped, 8));
			return directive === "%" ? "%" : (left.shift() ?? (directive === "d" ? "0" : ""));
		});
	} while (left.length > 0 && /%[sd]/.test(pattern));
	return printed;
}
