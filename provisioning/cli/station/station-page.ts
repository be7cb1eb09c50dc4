import { randomBytes } from "node:crypto";
import { createServer } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import type { OpenBatch } from "../../station/batch/batch-folder.ts";
import { openReportDesk } from "../../station/reports/report-desk.ts";
import { type StationServer, startStationServer } from "../../station/server/start-station-server.ts";
import type { StartedStation } from "../../station/start-station.ts";
import type { CommandContext } from "../context.ts";
import { UsageError } from "../usage-error.ts";
import { openServerLog } from "./server-log.ts";
import { type StationFlags, stationFolder } from "./station-flags.ts";

type Place = Pick<StationFlags, "pageHost" | "pagePort">;

/** Opens the page of a station at work. @throws {UsageError} if its address cannot be had. */
export async function openPage(
	context: CommandContext,
	station: StartedStation,
	{ units }: OpenBatch,
	place: Place,
): Promise<StationServer> {
	const { clock } = context;
	const log = openServerLog(join(stationFolder(context), "server.log"));
	const isOpenToOthers = !["127.0.0.1", "::1", "localhost"].includes(place.pageHost);
	try {
		const server = await startStationServer({
			logger: { level: "info", stream: log },
			station,
			// As deep in a checkout as in the bundle.
			pageFolder: fileURLToPath(new URL("../../web/build/station", import.meta.url)),
			host: place.pageHost,
			port: place.pagePort,
			...(isOpenToOthers ? { token: randomBytes(32).toString("base64url") } : {}),
			batchState: () => station.log.state,
			reports: openReportDesk({ log: station.log, units, nowMs: () => clock.nowMs() }),
		});
		return {
			...server,
			async close() {
				await server.close();
				log.close();
			},
		};
	} catch (error) {
		log.close();
		throw placeProblem(error, place);
	}
}

/** Tries the page's address, so that one that cannot be had is told before anything is begun. @throws {UsageError} */
export async function requireFreePlace(place: Place): Promise<void> {
	const probe = createServer();
	try {
		await new Promise<void>((resolve, reject) => {
			probe.once("error", reject);
			probe.listen({ host: place.pageHost, port: place.pagePort }, resolve);
		});
	} catch (error) {
		throw placeProblem(error, place);
	}
	await new Promise((resolve) => probe.close(resolve));
}

/** What to do about an address that cannot be had; any other error as it is. */
function placeProblem(error: unknown, { pageHost, pagePort }: Place): unknown {
	switch (error instanceof Error && "code" in error ? error.code : undefined) {
		case "EADDRINUSE":
			return new UsageError(
				`--page-port ${pagePort}: another program listens there, perhaps another station. Close it, or take --page-port 0 for any free port`,
			);
		case "EACCES":
			return new UsageError(
				`--page-port ${pagePort}: this user may not listen there. Take one above 1023, or 0 for any free port`,
			);
		case "EADDRNOTAVAIL":
		case "ENOTFOUND":
		case "EAI_AGAIN":
			return new UsageError(`--page-host ${pageHost}: this computer has no such address. Leave it out for this computer alone`);
		default:
			return error;
	}
}
