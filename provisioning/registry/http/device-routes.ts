import type { FastifyPluginAsync } from "fastify";
import { Type } from "typebox";

import { Problem } from "../api.ts";
import { answerCheckIn } from "../check-in/check-in.ts";
import type { Operations } from "../operations/operations.ts";
import { refusal } from "../refusal.ts";
import type { RegistryContext } from "../registry-context.ts";

const PROTOBUF = "application/x-protobuf";
/** A check-in with every outcome that it may carry takes about 2 KiB. */
const MAX_CHECK_IN_BYTES = 16 * 1024;

/** What phones call. No token: every message is signed by the device's own key. */
export function deviceRoutes(context: RegistryContext, operations?: Pick<Operations, "observing">): FastifyPluginAsync {
	return async (app) => {
		// Only this content type is taken here, and nowhere else.
		app.removeAllContentTypeParsers();
		app.addContentTypeParser(PROTOBUF, { parseAs: "buffer" }, (_request, body, done) => done(null, body));
		app.post(
			"/v1/device/check-in",
			{
				bodyLimit: MAX_CHECK_IN_BYTES,
				schema: {
					operationId: "checkIn",
					summary: "A phone reports and asks: CheckIn envelope in, CheckInReply envelope out (proto/holdfast/v1/checkin.proto)",
					consumes: [PROTOBUF],
					produces: [PROTOBUF],
					response: {
						200: { description: "CheckInReply envelope", content: { [PROTOBUF]: { schema: Type.String({ format: "binary" }) } } },
						default: Problem,
					},
				},
			},
			async (request, reply) => {
				if (!(request.body instanceof Uint8Array)) {
					throw refusal("UNSUPPORTED_MEDIA_TYPE", "A check-in is protobuf.", `Send it as ${PROTOBUF}.`);
				}
				const observed = operations?.observing(context, request) ?? context;
				const envelope = await answerCheckIn(observed, Uint8Array.from(request.body));
				return reply.type(PROTOBUF).send(Buffer.from(envelope));
			},
		);
	};
}
