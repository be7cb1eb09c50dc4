import { randomBytes } from "node:crypto";

import { decode, encode } from "../../proto/codec.ts";
import { wire } from "../../proto/wire.ts";
import type { AgentQuirk } from "./handset-state.ts";

/** Answers the cable. */
export type Cable = (request: Uint8Array) => Promise<Uint8Array>;

/** An agent that misbehaves: the real one behind it does its work, what it says is not what it should say. */
export function withQuirk(cable: Cable, quirk: () => AgentQuirk | undefined): Cable {
	return async (request) => {
		const asked = decode(wire.CableRequest, request);
		switch (quirk()) {
			case "rubbish":
				return new Uint8Array(randomBytes(40));
			case "refuses":
				if (asked.request !== "bind") break;
				return encode(wire.CableReply, { refused: { code: "TERMS_INVALID", detail: "this agent takes no terms" } });
			case "bound-elsewhere":
				if (asked.request === "bind") {
					return encode(wire.CableReply, { refused: { code: "BOUND_ELSEWHERE", detail: "another binding holds" } });
				}
				break;
			case "false-receipt":
				return spoilReceipt(await cable(request));
		}
		return cable(request);
	};
}

/** The receipt with one bit of its signature turned over. */
function spoilReceipt(reply: Uint8Array): Uint8Array {
	const { reply: kind, bindingAccepted } = decode(wire.CableReply, reply);
	if (kind !== "bindingAccepted" || !bindingAccepted) return reply;
	const envelope = decode(wire.Envelope, bindingAccepted.receiptEnvelope);
	const signatures = envelope.signatures.map(({ keyid, sig }) => {
		const spoiled = Uint8Array.from(sig);
		spoiled[40] = (spoiled[40] ?? 0) ^ 1;
		return { keyid, sig: spoiled };
	});
	const receiptEnvelope = encode(wire.Envelope, { ...envelope, signatures });
	return encode(wire.CableReply, { bindingAccepted: { receiptEnvelope } });
}
