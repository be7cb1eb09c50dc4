import {
	BAD_ARGUMENT_REFUSAL,
	CABLE_PROVIDER,
	MAX_CABLE_ARGUMENT,
	PROVIDER_EXCEPTIONS,
	printedReply,
} from "../../../proto/android-agent.ts";
import { encode } from "../../../proto/codec.ts";
import { wire } from "../../../proto/wire.ts";
import type { Handset } from "../handset.ts";
import { shellUid } from "./caller.ts";
import { type Command, failed, out, parseOptions, type Reply } from "./command.ts";

/**
 * `content call|read|write|query --uri content://AUTHORITY/PATH`: how the cable reaches the agent. Speaks as `Content.java` does, and
 * for the agent as `CableProvider.java` does: calls only, no rows and no files.
 */
export const content: Command = async (phone, argv) => {
	const [action, ...args] = argv.slice(1);
	const { options } = parseOptions(args, ["--uri", "--method", "--arg", "--extra", "--user", "--projection", "--where"]);
	const uri = options.get("--uri");
	if (action === undefined || uri === undefined) {
		return failed(1, "usage: adb shell content [subcommand] [options]\n\n[ERROR] Missing argument: --uri\n");
	}
	const [, authority = ""] = /^content:\/\/([^/]+)\/?/.exec(uri) ?? [];
	const thrown = (exception: Exception) => exceptionText(phone, authority, exception);
	const provider = phone.providerPackage(authority);
	if (provider?.enabled !== true || !phone.cable) {
		return thrown({ type: "java.lang.IllegalStateException", message: `Could not find provider: ${authority}` });
	}
	switch (action) {
		case "call":
			return call(phone, options.get("--method") ?? "", options.get("--arg"), thrown);
		case "read":
		case "write":
			return thrown({ type: "java.io.FileNotFoundException", message: `No files supported by provider at ${uri}` });
		default:
			return thrown({ type: "java.lang.UnsupportedOperationException" });
	}
};

/** An exception that came back over the binder. */
interface Exception {
	readonly type: string;
	readonly message?: string;
}

async function call(
	phone: Handset,
	method: string,
	argument: string | undefined,
	thrown: (exception: Exception) => Reply,
): Promise<Reply> {
	if (shellUid(phone) !== CABLE_PROVIDER.shellUid) return thrown(PROVIDER_EXCEPTIONS.wrongCaller);
	if (method !== CABLE_PROVIDER.method) return thrown(PROVIDER_EXCEPTIONS.unknownMethod);
	const request = readArgument(argument);
	if (!request) return answered(encode(wire.CableReply, { refused: { code: BAD_ARGUMENT_REFUSAL, detail: "not base64" } }));
	if (phone.state.quirks.agent === "dies") return thrown({ type: "android.os.DeadObjectException" });
	const reply = await phone.cable?.(request);
	return reply ? answered(reply) : thrown({ type: "android.os.DeadObjectException" });
}

/** Base64 as RFC 4648 section 4 has it: nothing left out, nothing in between. */
function readArgument(argument: string | undefined): Uint8Array | undefined {
	if (argument === undefined || argument.length > MAX_CABLE_ARGUMENT) return undefined;
	const bytes = Buffer.from(argument, "base64");
	return bytes.toString("base64") === argument ? new Uint8Array(bytes) : undefined;
}

function answered(reply: Uint8Array): Reply {
	return out(printedReply(Buffer.from(reply).toString("base64")));
}

/** Content.java prints the exception; only newer versions also exit with 1. */
function exceptionText(phone: Handset, authority: string, { type, message }: Exception): Reply {
	return failed(
		phone.state.sdk >= 31 ? 1 : 0,
		[
			`Error while accessing provider:${authority}`,
			message === undefined ? type : `${type}: ${message}`,
			"\tat com.android.commands.content.Content$Command.execute(Content.java:525)",
			"\tat com.android.commands.content.Content.main(Content.java:738)",
			"\tat com.android.internal.os.RuntimeInit.nativeFinishInit(Native Method)",
			"\tat com.android.internal.os.RuntimeInit.main(RuntimeInit.java:399)",
			"",
		].join("\n"),
	);
}
