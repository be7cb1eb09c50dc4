import type { FastifyInstance } from "fastify";
import { Check, Errors } from "typebox/value";
import { within } from "../../vouchers/within.ts";
import { type CommandAnswer, StationCommand } from "../command.ts";
import type { Station } from "../station.ts";
import { createAnsweredCommands } from "./answered-commands.ts";
import { ServerRefusal, whoAndWhere } from "./problem.ts";

const MAX_BODY_BYTES = 16 * 1024;
/** How long a command's answer is kept, milliseconds. */
const KEEP_MS = 10 * 60_000;
const DEADLINE_MS = 30_000;
/** What the station refuses for want of a badge. */
const NO_RIGHT: readonly string[] = ["NOT_SIGNED_IN", "NOT_A_SUPERVISOR"];

/** `POST /api/commands`: a {@link StationCommand} in, a {@link CommandAnswer} out. */
export function commandRoute(app: FastifyInstance, station: Pick<Station, "perform">): void {
	const performOnce = createAnsweredCommands(
		(command) => station.perform(command),
		KEEP_MS,
		() => performance.now(),
	);
	app.post("/api/commands", { bodyLimit: MAX_BODY_BYTES }, async (request): Promise<CommandAnswer> => {
		const { headers, body } = request;
		const key = headers["idempotency-key"];
		if (typeof key !== "string" || !/^[\x21-\x7e]{8,128}$/.test(key)) {
			throw new ServerRefusal(
				"KEY_MISSING",
				"The header Idempotency-Key is missing, or not 8 to 128 plain characters.",
				"Send a new random key with each command, and the same one when you send it again.",
			);
		}
		const command = readCommand(body);
		const answer = await within(DEADLINE_MS, performOnce(key, command), slow);
		if (!answer.ok && NO_RIGHT.includes(answer.code))
			request.log.warn({ code: answer.code, command: command.type, ...whoAndWhere(request) }, "command refused");
		return answer;
	});
}

/** By its type first, so that the reason names what is wrong with this command, not with sixteen others. */
function readCommand(body: unknown): StationCommand {
	const type: unknown = typeof body === "object" && body !== null ? Reflect.get(body, "type") : undefined;
	const schema = StationCommand.anyOf.find((each) => each.properties.type.const === type);
	if (!schema) {
		throw new ServerRefusal(
			"BAD_COMMAND",
			"The type of this command is missing or not known.",
			"Reload the page: it may be older than the station.",
		);
	}
	const closed = { ...schema, additionalProperties: false };
	if (Check(closed, body)) return body as StationCommand; // checked by the line before; the spread has lost the type
	const paths = [...new Set(Errors(closed, body).map(({ instancePath, keyword }) => `${instancePath || "/"} (${keyword})`))];
	// Paths of our own schema only: values, and names that the sender made up, are not repeated.
	const known = paths.filter((path) => path.startsWith("/ (") || Object.hasOwn(schema.properties, path.split(/[/ ]/)[1] ?? ""));
	throw new ServerRefusal(
		"BAD_COMMAND",
		`The command ${schema.properties.type.const} has another shape: ${known.join(", ")}.`,
		"Correct it and send it with a new key.",
	);
}

function slow(): ServerRefusal {
	return new ServerRefusal(
		"STATION_SLOW",
		"The station has not answered yet; it may still do it.",
		"Look at the slots, then send it again with the same key.",
	);
}
