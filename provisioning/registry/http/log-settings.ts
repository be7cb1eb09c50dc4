import type { FastifyServerOptions } from "fastify";

/**
 * How the registry logs: one JSON line each, with nothing personal in it.
 *
 * @param verbose every request. Otherwise errors, and refusals that an attack would leave behind.
 */
export function logSettings(
	verbose: boolean,
	stream: { write(line: string): unknown },
): Exclude<FastifyServerOptions["logger"], boolean | undefined> {
	return {
		level: verbose ? "info" : "warn",
		stream: { write: (line) => void stream.write(line) },
		serializers: {
			// The route, never the address: an IMEI may stand in it.
			req: ({ method, routeOptions }) => ({ method, route: routeOptions?.url }),
			// Not what PostgreSQL adds: its `detail` quotes the row.
			err: ({ name, message, stack = "", code }) => ({ type: name, message, stack, code }),
		},
		redact: ["*.authorization", "*.headers.authorization", "*.headers.cookie", "*.password", "*.connectionString"],
	};
}
