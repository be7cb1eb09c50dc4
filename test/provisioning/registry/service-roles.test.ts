import { TypeBoxValidatorCompiler } from "@fastify/type-provider-typebox";
import { type FastifyInstance, fastify } from "fastify";
import { beforeAll, describe, expect, test } from "vitest";

import { ROLES, type Role } from "../../../provisioning/registry/access/role.ts";
import { answerError } from "../../../provisioning/registry/http/problem.ts";
import { requireCaller } from "../../../provisioning/registry/http/route-access.ts";
import { serviceRoutes } from "../../../provisioning/registry/http/service-routes.ts";
import type { RegistryContext } from "../../../provisioning/registry/registry-context.ts";

const CASE = "0".repeat(20);
/** Who may do what; everybody else is told that they may not. */
const ALLOWED: readonly (readonly [method: "GET" | "POST", url: string, roles: readonly Role[]])[] = [
	["GET", "/v1/imei/490154203237518/contracts", ["admin", "agent", "technician", "auditor"]],
	["POST", "/v1/contracts/C-1/service-window", ["admin", "agent", "technician"]],
	["POST", "/v1/contracts/C-1/rebind", ["admin", "agent", "technician"]],
	["POST", "/v1/contracts/C-1/exchange", ["admin", "agent", "technician"]],
	["POST", "/v1/contracts/C-1/return", ["admin", "agent", "technician"]],
	["GET", "/v1/contracts/C-1/service-cases", ["admin", "agent", "technician", "auditor"]],
	["GET", "/v1/service-cases", ["admin", "agent", "technician", "auditor"]],
	["POST", `/v1/service-cases/${CASE}/approve`, ["admin", "agent"]],
	["POST", `/v1/service-cases/${CASE}/refuse`, ["admin", "agent", "technician"]],
	["POST", "/v1/contracts/C-1/release-report", ["admin", "agent", "technician"]],
	["POST", "/v1/contracts/C-1/screen-lock-help", ["admin", "agent", "technician"]],
];

let app: FastifyInstance;
beforeAll(async () => {
	app = fastify();
	app.setValidatorCompiler(TypeBoxValidatorCompiler);
	app.decorateRequest("caller", null);
	app.setErrorHandler(answerError);
	requireCaller(app, ({ headers }) => ({
		actor: "person/0",
		kind: "person",
		roles: new Set(ROLES.filter((role) => role === headers["x-role"])),
	}));
	// Nobody who is refused gets as far as the registry; whoever is let in finds none here.
	await app.register(serviceRoutes({} as RegistryContext));
});

describe.each(ALLOWED)("%s %s", (method, url, roles) => {
	test.each(ROLES)("%s", async (role) => {
		const { statusCode } = await app.inject({
			method,
			url,
			headers: { "x-role": role },
			...(method === "POST" ? { payload: {} } : {}),
		});
		if (roles.includes(role)) expect(statusCode).not.toBe(403);
		else expect(statusCode).toBe(403);
	});
});
