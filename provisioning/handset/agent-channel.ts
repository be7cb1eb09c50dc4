import protobuf from "protobufjs/minimal.js";

import { decode, encode, MAX_MESSAGE_BYTES, type Message } from "../../proto/codec.ts";
import { toHex } from "../../proto/crypto.ts";
import { ProtocolError } from "../../proto/error.ts";
import { nobleCrypto } from "../../proto/noble-crypto.ts";
import { wire } from "../../proto/wire.ts";
import { faultError } from "./fault.ts";
import { plainLine } from "./plain-text.ts";
import type { HandsetPort, ShellResult } from "./port.ts";
import { answerText } from "./text-rules.ts";

const AUTHORITY = "dev.holdfast.agent.cable";
const URI = `content://${AUTHORITY}`;
/** Longest argument: adb carries a command of 64 KiB at most, and the kernel one argument of 128 KiB. */
const MAX_ARGUMENT = 60 * 1024;
/** Making a key in a phone's secure hardware, with its attestation, takes some seconds. */
const DEADLINE_MS = 30_000;

type Reply = Message<wire.CableReply.$Properties>;
/** Members that an answer may have, other than a refusal. */
export type ReplyMember = Exclude<NonNullable<Reply["reply"]>, "refused">;

/** Refusals of the agent that have a fault of their own. The rest are AGENT_REFUSED. */
const REFUSALS = {
	BOUND_ELSEWHERE: "AGENT_BOUND_ELSEWHERE",
	IMEI_MISMATCH: "IMEI_MISMATCH",
	SERIAL_MISMATCH: "IDENTITY_CHANGED",
} as const;

/**
 * Asks the agent on the phone, through its content provider: `content call`, the message in base64.
 *
 * @param member the member of the reply that answers this request.
 * @throws {FaultError} the link's; AGENT_UNREACHABLE if there is no agent to answer; AGENT_REPLY_INVALID if what came back is not
 * the answer; AGENT_BOUND_ELSEWHERE, IMEI_MISMATCH or AGENT_REFUSED with its code and detail.
 */
export async function request<Member extends ReplyMember>(
	port: HandsetPort,
	message: wire.CableRequest.$Properties,
	member: Member,
): Promise<NonNullable<Reply[Member]>> {
	const result = await deliver(port, encode(wire.CableRequest, message));
	const reply = readReply(result);
	if (reply.refused) {
		const { code, detail } = reply.refused;
		const known = Object.entries(REFUSALS).find(([name]) => name === code)?.[1];
		throw faultError(known ?? "AGENT_REFUSED", { details: { code, detail } });
	}
	const answer = reply.reply === member ? reply[member] : undefined;
	if (!answer) throw invalid(result, `the agent answered with ${reply.reply ?? "nothing"} instead of ${member}`);
	return answer;
}

async function deliver(port: HandsetPort, message: Uint8Array): Promise<ShellResult> {
	if (message.length > MAX_MESSAGE_BYTES)
		throw new Error(`a request of ${message.length} bytes, at most ${MAX_MESSAGE_BYTES} are read`);
	const options = { deadlineMs: DEADLINE_MS };
	const argument = protobuf.util.base64.encode(message, 0, message.length);
	if (argument.length <= MAX_ARGUMENT) return call(port, argument);
	// Named after its content: sent again it replaces itself, and two never mix.
	const id = toHex(nobleCrypto.sha256(message).subarray(0, 16));
	const written = await port.shell(["content", "write", "--uri", `${URI}/inbox/${id}`], { ...options, stdin: message });
	// `content` reports most failures on standard error and still ends with 0.
	if (written.exitCode !== 0 || /^(?:Error|\[ERROR\]|java\.)/m.test(answerText(written))) throw unreachable(written);
	return call(port, `inbox:${id}`);
}

function call(port: HandsetPort, argument: string): Promise<ShellResult> {
	return port.shell(["content", "call", "--uri", URI, "--method", "deliver", "--arg", argument], { deadlineMs: DEADLINE_MS });
}

/** `Result: Bundle[{reply=BASE64}]`. A vendor's `content` may print lines of its own before it. */
function readReply(result: ShellResult): Reply {
	const printed = /^Result: (.*)$/m.exec(result.stdout.slice(0, 2 * MAX_MESSAGE_BYTES).replaceAll("\r", ""))?.[1];
	if (printed === undefined) throw unreachable(result);
	const base64 = /^Bundle\[\{reply=((?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?)\}\]$/.exec(printed)?.[1];
	if (base64 === undefined) throw invalid(result, "not a bundle with a reply");
	const bytes = new Uint8Array(protobuf.util.base64.length(base64));
	protobuf.util.base64.decode(base64, bytes, 0);
	try {
		return decode(wire.CableReply, bytes);
	} catch (cause) {
		if (!(cause instanceof ProtocolError)) throw cause;
		throw invalid(result, cause.message, cause);
	}
}

function unreachable(result: ShellResult) {
	return faultError("AGENT_UNREACHABLE", {
		raw: answerText(result),
		details: { "exit code": String(result.exitCode) },
	});
}

function invalid(result: ShellResult, problem: string, cause?: unknown) {
	return faultError("AGENT_REPLY_INVALID", { raw: plainLine(result.stdout, 512), details: { problem } }, { cause });
}
