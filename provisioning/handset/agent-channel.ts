import protobuf from "protobufjs/minimal.js";

import {
	CABLE_PROVIDER,
	type CableFailure,
	cableFailureIn,
	MAX_CABLE_REQUEST_BYTES,
	readPrintedReply,
} from "../../proto/android-agent.ts";
import { decode, encode, MAX_MESSAGE_BYTES, type Message } from "../../proto/codec.ts";
import { ProtocolError } from "../../proto/error.ts";
import { wire } from "../../proto/wire.ts";
import { faultError } from "./fault.ts";
import { plainLine } from "./plain-text.ts";
import type { CallOptions, HandsetPort, ShellResult } from "./port.ts";
import { answerText } from "./text-rules.ts";

const { uri, method } = CABLE_PROVIDER;
/** Longest argument that stands in the command itself: an adb server takes a command of 65,535 bytes. */
const MAX_IN_COMMAND = 60 * 1024;
/** A longer one comes to the phone's shell on standard input, and only the kernel's limit is left. */
const CALL_FROM_STDIN = `content call --uri ${uri} --method ${method} --arg "$(cat)"`;
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
 * @throws {FaultError} the link's; AGENT_REQUEST_TOO_LARGE, before anything is sent where that can be known; AGENT_UNREACHABLE if there
 * is no agent to answer; AGENT_REPLY_INVALID if what came back is not the answer; AGENT_BOUND_ELSEWHERE, IMEI_MISMATCH or AGENT_REFUSED with its code and detail.
 */
export async function request<Member extends ReplyMember>(
	port: HandsetPort,
	message: wire.CableRequest.$Properties,
	member: Member,
	options: CallOptions = {},
): Promise<NonNullable<Reply[Member]>> {
	const result = await deliver(port, encodeRequest(message), { deadlineMs: DEADLINE_MS, ...options });
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

function encodeRequest(message: wire.CableRequest.$Properties): Uint8Array {
	try {
		const bytes = encode(wire.CableRequest, message);
		if (bytes.length <= MAX_CABLE_REQUEST_BYTES) return bytes;
		throw tooLarge(`${bytes.length}`);
	} catch (cause) {
		if (!(cause instanceof ProtocolError) || cause.code !== "TOO_LARGE") throw cause;
		throw tooLarge(`more than ${MAX_MESSAGE_BYTES}`);
	}
}

/**
 * One call, however long the argument: nothing is ever stored on the phone on the way, and a request comes as a whole or not at all.
 */
async function deliver(port: HandsetPort, message: Uint8Array, options: CallOptions): Promise<ShellResult> {
	const argument = protobuf.util.base64.encode(message, 0, message.length);
	if (argument.length <= MAX_IN_COMMAND)
		return port.shell(["content", "call", "--uri", uri, "--method", method, "--arg", argument], options);
	return port.script(CALL_FROM_STDIN, { ...options, stdin: asciiBytes(argument) });
}

function asciiBytes(text: string): Uint8Array {
	return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

function readReply(result: ShellResult): Reply {
	const printed = readPrintedReply(result.stdout.slice(0, 2 * MAX_MESSAGE_BYTES));
	if ("missing" in printed) throw unanswered(result);
	if ("problem" in printed) throw invalid(result, printed.problem);
	const { base64 } = printed;
	const bytes = new Uint8Array(protobuf.util.base64.length(base64));
	protobuf.util.base64.decode(base64, bytes, 0);
	try {
		return decode(wire.CableReply, bytes);
	} catch (cause) {
		if (!(cause instanceof ProtocolError)) throw cause;
		throw invalid(result, cause.message, cause);
	}
}

/** In the details, for whoever sees to the phone: what stands behind an agent that does not answer. */
const PROBLEMS: Readonly<Record<CableFailure, string | undefined>> = {
	"provider-missing": "the agent is not installed, is disabled, or could not be started",
	"process-died": "the agent's process ended during the call",
	"wrong-caller": "the agent serves the shell of the first user only, not root: adb unroot",
	"unknown-method": "this agent does not know the call",
	"argument-too-long": undefined,
	unknown: undefined,
};

function unanswered(result: ShellResult) {
	const raw = answerText(result);
	const failure = cableFailureIn(raw);
	if (failure === "argument-too-long") return faultError("AGENT_REQUEST_TOO_LARGE", { raw });
	const problem = PROBLEMS[failure];
	return faultError("AGENT_UNREACHABLE", {
		raw,
		details: { "exit code": String(result.exitCode), ...(problem === undefined ? {} : { problem }) },
	});
}

function tooLarge(bytes: string) {
	return faultError("AGENT_REQUEST_TOO_LARGE", { details: { bytes, "at most": String(MAX_CABLE_REQUEST_BYTES) } });
}

function invalid(result: ShellResult, problem: string, cause?: unknown) {
	return faultError("AGENT_REPLY_INVALID", { raw: plainLine(result.stdout, 512), details: { problem } }, { cause });
}
