import type { FastifyInstance } from "fastify";

/** How often a server that stops looks for connections that have become idle. */
const LOOK_MS = 50;

/**
 * What Fastify's `close` leaves to chance: an answer that was under way would keep its connection for as long as an idle one may live,
 * and a client that never ends its request would keep the server from ever stopping. So connections end with their answer, and what is
 * still open at the deadline is cut off.
 *
 * @param deadlineMs from the moment the server is told to stop.
 */
export function stopInTime(app: FastifyInstance, deadlineMs: number): void {
	let isStopping = false;
	app.addHook("preClose", async () => {
		isStopping = true;
		const looking = setInterval(() => app.server.closeIdleConnections(), LOOK_MS);
		const deadline = setTimeout(() => app.server.closeAllConnections(), deadlineMs);
		app.server.once("close", () => {
			clearInterval(looking);
			clearTimeout(deadline);
		});
	});
	app.addHook("onSend", async (_request, reply) => {
		if (isStopping) reply.header("connection", "close");
	});
}
