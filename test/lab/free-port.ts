import { createServer } from "node:net";

/** Below the ports that systems give to whoever asks for any (32768 on Linux, 49152 elsewhere), so that nobody is given ours meanwhile. */
const [FIRST, LAST] = [15_000, 30_000];
const TRIES = 100;

/** A TCP port on loopback that nothing listens on now. @param promised ports of whoever does not listen yet, or not at the moment. */
export async function freePort(promised: ReadonlySet<number> = new Set()): Promise<number> {
	for (let attempt = 0; attempt < TRIES; attempt += 1) {
		const port = FIRST + Math.floor(Math.random() * (LAST - FIRST));
		if ((await isFree(port)) && !promised.has(port)) return port;
	}
	throw new Error(`no free port between ${FIRST} and ${LAST}`);
}

function isFree(port: number): Promise<boolean> {
	return new Promise((resolve) => {
		const probe = createServer();
		probe.once("error", () => resolve(false));
		probe.listen(port, "127.0.0.1", () => probe.close(() => resolve(true)));
	});
}
