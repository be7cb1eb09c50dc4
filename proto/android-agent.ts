// The agent on Android as everybody else knows it: names, and what its content provider says over the cable. Phones in the field and the
// toolkits at the other end hold to these, so they never change. The Java sources and the manifest are compared with this file by
// test/agent/hosts/android/cable-protocol.test.ts; the toolkit and the virtual handset use it as it stands.

/** Package of the agent. */
export const AGENT_PACKAGE = "dev.holdfast.agent";
/** Its device admin receiver, in the short form that Android prints. */
export const AGENT_ADMIN = `${AGENT_PACKAGE}/.AdminReceiver`;
/** Every tag that the agent logs under begins with this. */
export const AGENT_LOG_TAG = "Holdfast";

/** The provider behind which the agent answers the cable: `content call --uri URI --method METHOD --arg BASE64`. */
export const CABLE_PROVIDER = {
	/** Short class name in the manifest. */
	className: ".CableProvider",
	authority: `${AGENT_PACKAGE}.cable`,
	uri: `content://${AGENT_PACKAGE}.cable`,
	method: "deliver",
	/** Key of the answer in the Bundle that `call` returns. */
	replyKey: "reply",
	/** Held by the shell and the system. adb can grant it to an app, so the provider asks for the caller's uid as well. */
	permission: "android.permission.DUMP",
	/** android.os.Process.SHELL_UID: who may call, besides the agent itself. */
	shellUid: 2000,
} as const;

/**
 * Longest argument, in characters: Linux gives a program no single argument of more than 32 pages with its final zero
 * (MAX_ARG_STRLEN, linux/binfmts.h), and most phones have pages of 4 KiB.
 */
export const MAX_CABLE_ARGUMENT = 32 * 4096 - 1;
/** Largest CableRequest that fits into it as base64, in bytes. */
export const MAX_CABLE_REQUEST_BYTES = Math.floor(MAX_CABLE_ARGUMENT / 4) * 3;

/** Refusal, as a CableReply, of an argument that is missing, is not base64 (RFC 4648 section 4, padded, on one line), or is too long. */
export const BAD_ARGUMENT_REFUSAL = "MALFORMED";

/** What the provider throws. Anything else that goes wrong is a CableReply with a refusal in it. */
export const PROVIDER_EXCEPTIONS = {
	/** The caller is neither the shell nor the agent: an app, root, another user's shell. */
	wrongCaller: { type: "java.lang.SecurityException", message: "the cable is for the shell only" },
	unknownMethod: { type: "java.lang.UnsupportedOperationException", message: "no such method" },
} as const;

/** Why `content call` printed no result. */
export type CableFailure =
	/** No such provider: the agent is not installed, is disabled, or could not be started. */
	| "provider-missing"
	/** The agent's process ended during the call. */
	| "process-died"
	| "wrong-caller"
	| "unknown-method"
	/** The phone's kernel or shell takes no argument of this length. */
	| "argument-too-long"
	/** Something else; the text tells. */
	| "unknown";

/** What stands in the printed text for each failure, first match first. AOSP: cmds/content/.../Content.java, `Command.execute`. */
const FAILURE_TEXTS: readonly (readonly [CableFailure, RegExp])[] = [
	["provider-missing", /^java\.lang\.IllegalStateException: Could not find provider: /m],
	["process-died", /^android\.os\.DeadObjectException\b/m],
	["wrong-caller", /^java\.lang\.SecurityException: /m],
	["unknown-method", /^java\.lang\.UnsupportedOperationException\b/m],
	["argument-too-long", /Arg(?:ument)? list too long/],
];

/** Why there is no result in what `content call` printed on both streams. */
export function cableFailureIn(printed: string): CableFailure {
	return FAILURE_TEXTS.find(([, text]) => text.test(printed))?.[0] ?? "unknown";
}

/** `Result: Bundle[{reply=BASE64}]`, as android.os.Bundle prints itself. */
export function printedReply(base64: string): string {
	return `Result: Bundle[{${CABLE_PROVIDER.replyKey}=${base64}}]`;
}

/** What stands for a result in printed text, or why it cannot be a reply. A vendor's `content` may print lines of its own before it. */
export type PrintedReply =
	| { readonly base64: string }
	/** There is a result, and it is not a reply. */
	| { readonly problem: string }
	/** There is none: {@link cableFailureIn} says why. */
	| { readonly missing: true };

const BASE64 = "(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?";
const REPLY = new RegExp(`^Bundle\\[\\{${CABLE_PROVIDER.replyKey}=(${BASE64})\\}\\]$`);

/** Takes the reply out of what `content call` printed on its standard output. */
export function readPrintedReply(stdout: string): PrintedReply {
	const printed = /^Result: (.*)$/m.exec(stdout.replaceAll("\r", ""))?.[1];
	if (printed === undefined) return { missing: true };
	const base64 = REPLY.exec(printed)?.[1];
	return base64 === undefined ? { problem: "not a bundle with a reply" } : { base64 };
}
