import { decode, encode } from "../../proto/codec.ts";
import { wire } from "../../proto/wire.ts";
import type { LabHandset } from "../lab/lab.ts";

/** The contract that the agent on the phone itself holds; `undefined` for none. */
export async function contractOn({ agent }: LabHandset): Promise<string | undefined> {
	if (!agent) return undefined;
	const request = encode(wire.CableRequest, { hello: { challenge: new Uint8Array(16) } });
	const { identity } = decode(wire.CableReply, await agent.cable(request));
	if (!identity) throw new Error("the agent does not say who it is");
	return identity.contractId === "" ? undefined : identity.contractId;
}
