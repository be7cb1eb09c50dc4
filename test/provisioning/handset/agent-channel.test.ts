import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { MAX_CABLE_ARGUMENT, MAX_CABLE_REQUEST_BYTES } from "../../../proto/android-agent.ts";
import { decode, encode } from "../../../proto/codec.ts";
import { wire } from "../../../proto/wire.ts";
import { request } from "../../../provisioning/handset/agent-channel.ts";
import type { FaultError } from "../../../provisioning/handset/fault.ts";
import { type Answer, fakePort } from "./fake-port.ts";

const URI = "content://dev.holdfast.agent.cable";
const bundle = (reply: wire.CableReply.$Properties) =>
	`Result: Bundle[{reply=${Buffer.from(encode(wire.CableReply, reply)).toString("base64")}}]\n`;
const IDENTITY = { identity: { agentVersion: "1.2.3", imeis: ["869071030058052"], deviceOwner: true } };
const hello = { hello: { challenge: new Uint8Array(16).fill(3) } };

const faultOf = (answer: ReturnType<Answer>, member: "identity" | "outcome" = "identity") =>
	request(
		fakePort(() => answer),
		hello,
		member,
	).then(
		() => undefined,
		(error: FaultError) => error.fault,
	);

describe("asking the agent", () => {
	it("sends the request in base64 and gives the member that answers it", async () => {
		let sent: Uint8Array | undefined;
		const port = fakePort((args) => {
			expect(args.slice(0, -1)).toEqual(["content", "call", "--uri", URI, "--method", "deliver", "--arg"]);
			sent = Buffer.from(args.at(-1) ?? "", "base64");
			return bundle(IDENTITY);
		});
		const identity = await request(port, hello, "identity");
		expect(identity).toMatchObject({ agentVersion: "1.2.3", imeis: ["869071030058052"], deviceOwner: true, contractId: "" });
		expect(decode(wire.CableRequest, sent ?? new Uint8Array()).hello?.challenge).toEqual(hello.hello.challenge);
	});

	it("carries replies and requests of any size and content", async () => {
		const bytes = fc.uint8Array({ maxLength: 3000 });
		await fc.assert(
			fc.asyncProperty(bytes, bytes, async (envelope, answer) => {
				const port = fakePort((args) => {
					expect(args.join(" ").length).toBeLessThan(65_000);
					return bundle({ checkInStarted: { checkInEnvelope: answer } });
				});
				const { checkInEnvelope } = await request(port, { finishCheckIn: { replyEnvelope: envelope } }, "checkInStarted");
				expect(checkInEnvelope).toEqual(answer);
			}),
		);
	});

	it("sends a request that is too long for a command on standard input, which the phone's shell makes an argument of", async () => {
		const large = { bind: { terms: new Uint8Array(MAX_CABLE_REQUEST_BYTES - 20).fill(9) } };
		let sent = "";
		const port = fakePort((args, stdin) => {
			expect(args).toEqual(["sh", "-c", `content call --uri ${URI} --method deliver --arg "$(cat)"`]);
			sent = Buffer.from(stdin ?? []).toString();
			return bundle({ bindingAccepted: { receiptEnvelope: Uint8Array.of(1) } });
		});
		await request(port, large, "bindingAccepted");
		expect(sent.length).toBeLessThanOrEqual(MAX_CABLE_ARGUMENT);
		expect(sent.length).toBeGreaterThan(MAX_CABLE_ARGUMENT - 60);
		expect(decode(wire.CableRequest, Buffer.from(sent, "base64")).bind?.terms).toEqual(large.bind.terms);
	});

	it.each([
		["more than an argument takes", MAX_CABLE_REQUEST_BYTES],
		["more than a message may have", 300_000],
	])("sends nothing of %s", async (_, length) => {
		const port = fakePort(() => bundle(IDENTITY));
		const fault = await request(port, { bind: { terms: new Uint8Array(length) } }, "bindingAccepted").catch(
			(error: FaultError) => error.fault,
		);
		expect(fault).toMatchObject({ code: "AGENT_REQUEST_TOO_LARGE" });
		expect(port.calls).toEqual([]);
	});
});

const NO_PROVIDER =
	"Error while accessing provider:dev.holdfast.agent.cable\njava.lang.IllegalStateException: Could not find provider: dev.holdfast.agent.cable\n";

describe("an agent that does not answer as it should", () => {
	it.each([
		["provider-missing", NO_PROVIDER, "not installed"],
		["process-died", "Error while accessing provider:x\nandroid.os.DeadObjectException\n\tat y", "process ended"],
		["wrong-caller", "java.lang.SecurityException: the cable is for the shell only\n", "root"],
		["unknown-method", "java.lang.UnsupportedOperationException: no such method\n", "does not know"],
	])("tells what stands behind it: %s", async (_, stderr, problem) => {
		const fault = await faultOf({ stderr, exitCode: 1 });
		expect(fault?.code).toBe("AGENT_UNREACHABLE");
		expect(fault?.details?.problem).toContain(problem);
	});

	it("is not blamed for a phone whose kernel takes no argument of this length", async () => {
		const fault = await faultOf({ stderr: "/system/bin/sh: content: Argument list too long\n", exitCode: 126 });
		expect(fault?.code).toBe("AGENT_REQUEST_TOO_LARGE");
	});

	it.each([
		["no provider, exit code 1 (newer Android)", { stderr: NO_PROVIDER, exitCode: 1 }],
		["no provider, exit code 0 (older Android)", { stderr: NO_PROVIDER, exitCode: 0 }],
		["nothing at all", ""],
		["no content command", undefined],
	])("is unreachable: %s", async (_, answer) => {
		expect((await faultOf(answer))?.code).toBe("AGENT_UNREACHABLE");
	});

	it.each([
		["no bundle", "Result: null\n"],
		["another bundle", "Result: Bundle[{result=1}]\n"],
		["broken base64", "Result: Bundle[{reply=AAA}]\n"],
		["more than a reply", `${bundle(IDENTITY).trimEnd()}x\n`],
		["base64 of garbage", "Result: Bundle[{reply=////}]\n"],
		["an empty reply", "Result: Bundle[{reply=}]\n"],
		["the answer to another question", bundle({ outcome: {} })],
	])("gives an invalid reply: %s", async (_, answer) => {
		expect((await faultOf(answer))?.code).toBe("AGENT_REPLY_INVALID");
	});

	it.each([
		["NOT_BOUND", "AGENT_REFUSED"],
		["BOUND_ELSEWHERE", "AGENT_BOUND_ELSEWHERE"],
		["IMEI_MISMATCH", "IMEI_MISMATCH"],
		["SERIAL_MISMATCH", "IDENTITY_CHANGED"],
		["toString", "AGENT_REFUSED"],
	])("refuses with %s", async (code, faultCode) => {
		const fault = await faultOf(bundle({ refused: { code, detail: "why\u001b[31m" } }));
		expect(fault).toMatchObject({ code: faultCode, details: { code, detail: "why" } });
	});

	it("never makes anything but a fault of what is printed", async () => {
		await fc.assert(
			fc.asyncProperty(fc.string({ unit: "binary" }), fc.boolean(), async (text, framed) => {
				const fault = await faultOf(framed ? `Result: Bundle[{reply=${text}}]` : text);
				expect(["AGENT_UNREACHABLE", "AGENT_REPLY_INVALID"]).toContain(fault?.code);
			}),
		);
	});
});
