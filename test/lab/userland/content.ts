import type { Handset } from "../handset.ts";
import { type Command, failed, out, parseOptions, type Reply, type Stdin } from "./command.ts";

/** `content call|write|read|query --uri content://AUTHORITY/PATH`: how the cable reaches the agent. */
export const content: Command = async (phone, argv, stdin) => {
	const [action, ...args] = argv.slice(1);
	const { options } = parseOptions(args, ["--uri", "--method", "--arg", "--extra", "--user", "--projection", "--where"]);
	const uri = options.get("--uri");
	if (action === undefined || uri === undefined) {
		return failed(1, "usage: adb shell content [subcommand] [options]\n\n[ERROR] Missing argument: --uri\n");
	}
	const [, authority = "", path = ""] = /^content:\/\/([^/]+)\/?(.*)$/.exec(uri) ?? [];
	if (phone.providerPackage(authority)?.enabled !== true || !phone.cable) return noProvider(phone, authority);
	switch (action) {
		case "call":
			return call(phone, options.get("--method") ?? "", options.get("--arg"));
		case "write":
			return write(phone, path, stdin);
		case "read":
			return failed(
				1,
				`Error while accessing provider:${authority}\njava.io.FileNotFoundException: No files supported by provider at ${uri}\n`,
			);
		default:
			return out("No result found.");
	}
};

async function call(phone: Handset, method: string, arg: string | undefined): Promise<Reply> {
	if (method !== "deliver" || arg === undefined || !phone.cable) return out("Result: null");
	const request = requestOf(phone, arg);
	if (!request) return out("Result: null");
	const reply = await phone.cable(request);
	return out(`Result: Bundle[{reply=${Buffer.from(reply).toString("base64")}}]`);
}

function requestOf(phone: Handset, arg: string): Uint8Array | undefined {
	const id = /^inbox:([0-9a-f]+)$/.exec(arg)?.[1];
	if (id === undefined) return new Uint8Array(Buffer.from(arg, "base64"));
	const request = phone.inbox.get(id);
	phone.inbox.delete(id);
	return request;
}

async function write(phone: Handset, path: string, stdin: Stdin): Promise<Reply> {
	const id = /^inbox\/([0-9a-f]+)$/.exec(path)?.[1];
	if (id === undefined) return failed(1, `java.io.FileNotFoundException: ${path}\n`);
	phone.inbox.set(id, await stdin.all());
	return out();
}

/** Content.java prints the exception; only newer versions also exit with 1. */
function noProvider(phone: Handset, authority: string): Reply {
	return failed(
		phone.state.sdk >= 31 ? 1 : 0,
		[
			`Error while accessing provider:${authority}`,
			`java.lang.IllegalStateException: Could not find provider: ${authority}`,
			"\tat com.android.commands.content.Content$Command.execute(Content.java:525)",
			"\tat com.android.commands.content.Content.main(Content.java:738)",
			"\tat com.android.internal.os.RuntimeInit.nativeFinishInit(Native Method)",
			"\tat com.android.internal.os.RuntimeInit.main(RuntimeInit.java:399)",
			"",
		].join("\n"),
	);
}
