import { type FastifyError, fastify } from "fastify";
import { describe, expect, it } from "vitest";

import { answerError } from "../../../../provisioning/registry/http/problem.ts";

/** What a registry answers when its database's driver throws this. */
async function answerTo(error: Error): Promise<{ status: number; code: unknown; retryAfter: unknown }> {
	const app = fastify();
	app.setErrorHandler<FastifyError>(answerError);
	app.get("/", async () => {
		throw error;
	});
	const response = await app.inject("/");
	await app.close();
	const body: { readonly code?: unknown } = response.json();
	return { status: response.statusCode, code: body.code, retryAfter: response.headers["retry-after"] };
}

const withCode = (code: string) => Object.assign(new Error("from the driver"), { code });

describe("what the database's driver throws", () => {
	// EPIPE and the like have five capitals, as a SQLSTATE has.
	it.each(["EPIPE", "ECONNRESET", "ECONNREFUSED", "EHOSTUNREACH", "57P01", "08006", "53300", "25006", "40001", "55P03"])(
		"%s: the database cannot be worked with now",
		async (code) => {
			expect(await answerTo(withCode(code))).toEqual({ status: 503, code: "UNAVAILABLE", retryAfter: "5" });
		},
	);

	it.each(["23505", "42P01", "EISDIR"])("%s: a mistake of ours", async (code) => {
		expect(await answerTo(withCode(code))).toEqual({ status: 500, code: "INTERNAL", retryAfter: undefined });
	});
});
