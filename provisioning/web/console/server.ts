import { createContext, useContext } from "react";
import type { SessionView } from "../../registry/access/access-request.ts";
import { type AccessClient, createAccessClient } from "../../registry/clients/access-client.ts";
import { type AdminClient, createAdminClient } from "../../registry/clients/admin-client.ts";
import { type ApprovalClient, createApprovalClient } from "../../registry/clients/approval-client.ts";
import { type ConsoleClient, createConsoleClient } from "../../registry/clients/console-client.ts";
import { pageAddress } from "../frame/session.ts";
import { type Permissions, permissionsOf } from "./permissions.ts";

/** The registry, by everything that this page asks of it, and who asks. */
export interface Server {
	readonly session: SessionView;
	readonly may: Permissions;
	readonly admin: AdminClient;
	readonly console: ConsoleClient;
	readonly access: AccessClient;
	readonly approvals: ApprovalClient;
}

export function connectServer(session: SessionView): Server {
	const address = pageAddress();
	return {
		session,
		may: permissionsOf(session),
		admin: createAdminClient(address),
		console: createConsoleClient(address),
		access: createAccessClient(address),
		approvals: createApprovalClient(address),
	};
}

export const ServerContext = createContext<Server | undefined>(undefined);

export function useServer(): Server {
	const server = useContext(ServerContext);
	if (!server) throw new Error("outside the console");
	return server;
}
