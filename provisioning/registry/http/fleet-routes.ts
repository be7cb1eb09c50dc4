import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import { Type } from "typebox";

import { ID_PATTERN } from "../api-types.ts";
import { changeFleetSettings, readFleet } from "../fleet/fleet.ts";
import { continueExtension, extendFleet, fleetList } from "../fleet/fleet-extend.ts";
import {
	Fleet,
	FleetExtendRequest,
	FleetExtension,
	FleetList,
	FleetListRequest,
	FleetSettings,
	FleetSettingsChange,
} from "../fleet/fleet-request.ts";
import type { RegistryContext } from "../registry-context.ts";
import { described } from "./described.ts";
import { asCaller } from "./route-access.ts";

const ExtensionId = Type.Object({ id: Type.String({ pattern: ID_PATTERN }) });
const MAX_LIST_BYTES = 512 * 1024;

/** All phones together. Who serves borrowers sees it; only an admin changes it. */
export function fleetRoutes(context: RegistryContext): FastifyPluginAsyncTypebox {
	return async (app) => {
		app.get(
			"/v1/fleet",
			{
				config: { allow: ["agent", "auditor"] },
				schema: described("readFleet", "All phones together, as they stand now", Fleet, {}),
			},
			async (request) => readFleet(asCaller(context, request)),
		);
		app.post(
			"/v1/fleet/settings",
			{
				config: { allow: [] },
				schema: described("changeFleetSettings", "How many phones may be locked at once, and on how old news", FleetSettings, {
					body: FleetSettingsChange,
				}),
			},
			async (request) => changeFleetSettings(asCaller(context, request), request.body),
		);
		app.post(
			"/v1/fleet/list",
			{
				config: { allow: [], repeat: "rerun" },
				bodyLimit: MAX_LIST_BYTES,
				schema: described("fleetList", "A list of open contracts as it is now", FleetList, { body: FleetListRequest }),
			},
			async (request) => fleetList(asCaller(context, request), request.body),
		);
		app.post(
			"/v1/fleet/extend",
			{
				config: { allow: [] },
				bodyLimit: MAX_LIST_BYTES,
				schema: described("extendFleet", "Begin a hold for many contracts", FleetExtension, { body: FleetExtendRequest }),
			},
			async (request) => extendFleet(asCaller(context, request), request.body),
		);
		app.post(
			"/v1/fleet/extend/:id/continue",
			{
				config: { allow: [] },
				schema: described("continueExtension", "Issue the next holds of an extension", FleetExtension, { params: ExtensionId }),
			},
			async (request) => continueExtension(asCaller(context, request), request.params.id),
		);
	};
}
