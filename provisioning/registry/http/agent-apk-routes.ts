import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import { Type } from "typebox";

import { AgentApkFacts } from "../enrollment/desk-request.ts";
import { Problem } from "../problem-details.ts";
import { refusal } from "../refusal.ts";
import { described } from "./described.ts";

const APK = "application/vnd.android.package-archive";

/** The agent that this lender puts on phones, read and checked by whoever started the registry. */
export interface ServedApk extends Omit<AgentApkFacts, "size"> {
	readonly bytes: Uint8Array;
}

/** The agent's APK, for pages that install it from a browser. Its address names its content, so a browser keeps it for good. */
export function agentApkRoutes(apk: ServedApk | undefined): FastifyPluginAsyncTypebox {
	const none = () =>
		refusal(
			"NOT_FOUND",
			"This registry hands out no agent.",
			"Start it with --apk FILE, or build the agent with scripts/build-apk.",
		);
	return async (app) => {
		app.get(
			"/v1/agent-apk",
			{
				config: { allow: ["operator", "technician"] },
				schema: described("agentApk", "The agent that phones are given: hash, size, signer", AgentApkFacts, {}),
			},
			async () => {
				if (!apk) throw none();
				const { bytes, ...facts } = apk;
				return { ...facts, size: bytes.length };
			},
		);
		app.get(
			"/v1/agent-apk/:sha256",
			{
				config: { allow: ["operator", "technician"] },
				schema: {
					operationId: "agentApkFile",
					summary: "The agent itself, by its hash",
					params: Type.Object({ sha256: Type.String({ pattern: "^[0-9a-f]{64}$" }) }),
					produces: [APK],
					response: {
						200: {
							description: "APK",
							content: { [APK]: { schema: Type.Unsafe<Buffer>({ type: "string", format: "binary" }) } },
						},
						default: Problem,
					},
				},
			},
			async (request, reply) => {
				if (request.params.sha256 !== apk?.sha256) throw none();
				return reply
					.type(APK)
					.header("cache-control", "private, max-age=31536000, immutable")
					.send(Buffer.from(apk.bytes.buffer, apk.bytes.byteOffset, apk.bytes.byteLength));
			},
		);
	};
}
