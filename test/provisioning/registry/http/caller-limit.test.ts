import { Writable } from "node:stream";

import type { FastifyRequest } from "fastify";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { type Caller, TOKEN_HOLDER } from "../../../../provisioning/registry/access/role.ts";
import { createAccessClient } from "../../../../provisioning/registry/clients/access-client.ts";
import { limitCallers, USUAL_CALLER_RATE } from "../../../../provisioning/registry/http/caller-limit.ts";
import { createRateLimit, putLast } from "../../../../provisioning/registry/http/rate-limit.ts";
import { signIn } from "../access/signed-in.ts";
import { TestPhone } from "../test-phone.ts";
import { ADMIN_TOKEN, contractRequest, startTestRegistry, type TestRegistry } from "../test-registry.ts";

const program = (id: string): Caller => ({ actor: `program/${id}`, kind: "program", roles: new Set(["agent"]) });
const OWNERS: Readonly<Record<string, Caller>> = {
	...{ "Bearer a": program("1"), "Bearer a-before": program("1"), "Bearer b": program("2") },
	"Bearer admin": TOKEN_HOLDER,
};

/** A limit with a clock of the test's, over an identification that counts how often the database would be asked. */
function limited(perSecond: number) {
	const state = { nowMs: 0, asked: 0, owners: { ...OWNERS } as Record<string, Caller> };
	const identify = limitCallers(
		async ({ headers: { authorization = "" } }) => {
			state.asked += 1;
			return state.owners[authorization];
		},
		{ perSecond, nowMs: () => state.nowMs },
	);
	/** What became of one question: who it was, `nobody`, or the refusal's code. */
	const ask = async (authorization: string): Promise<string> => {
		const request = { headers: { authorization }, caller: null } as unknown as FastifyRequest; // all that is read of one
		return identify(request).then(
			(caller) => caller?.actor ?? "nobody",
			(error: { code: string; text: { details: Record<string, string> } }) =>
				`${error.code} ${error.text.details["retryAfterSeconds"]} ${request.caller?.actor}`,
		);
	};
	const asks = async (authorization: string, times: number): Promise<string[]> => {
		const answers: string[] = [];
		for (let time = 0; time < times; time += 1) answers.push(await ask(authorization));
		return answers;
	};
	return { state, ask, asks };
}

describe("the limit on one caller", () => {
	test("lets a loan system book a hundred payments a second for as long as it likes, and a station begin with all its phones at once", async () => {
		const { state, ask, asks } = limited(USUAL_CALLER_RATE);
		expect(new Set(await asks("Bearer b", 64 * 6))).toEqual(new Set(["program/2"]));
		for (let count = 0; count < 60_000; count += 1) {
			state.nowMs += 10;
			if ((await ask("Bearer a")) !== "program/1") expect.fail(`refused after ${state.nowMs} ms`);
		}
	});

	test("answers who asks without pause as often as the rate allows, and asks the database no more often than that", async () => {
		const { state, asks } = limited(20);
		let answered = 0;
		for (let second = 0; second < 100; second += 1) {
			for (let tenth = 0; tenth < 10; tenth += 1) {
				state.nowMs += 100;
				answered += (await asks("Bearer a", 50)).filter((answer) => answer === "program/1").length;
			}
		}
		expect(answered).toBeGreaterThan(20 * 99);
		expect(answered).toBeLessThanOrEqual(20 * 100 + 40);
		expect(state.asked).toBe(answered);
	});

	test("refuses with whole seconds to wait, and says for the log who it was", async () => {
		const { asks } = limited(20);
		expect((await asks("Bearer a", 41)).slice(-2)).toEqual(["program/1", "RATE_LIMITED 1 program/1"]);
	});

	test("counts all tokens of a program together, and each program for itself", async () => {
		const { ask, asks } = limited(20);
		await asks("Bearer a", 20);
		await asks("Bearer a-before", 20);
		expect([await ask("Bearer a"), await ask("Bearer a-before"), await ask("Bearer b")]).toEqual([
			"RATE_LIMITED 1 program/1",
			"RATE_LIMITED 1 program/1",
			"program/2",
		]);
	});

	test("is not spent by wrong secrets, nor by a token that is over", async () => {
		const { state, ask, asks } = limited(20);
		await ask("Bearer a-before");
		delete state.owners["Bearer a-before"];
		expect(new Set(await asks("Bearer wrong", 100))).toEqual(new Set(["nobody"]));
		expect(new Set(await asks("Bearer a-before", 100))).toEqual(new Set(["nobody"]));
		expect(new Set(await asks("Bearer a", 38))).toEqual(new Set(["program/1"]));
	});

	test("is none for the admin token: whoever revokes a stolen one is not kept waiting", async () => {
		const { asks } = limited(20);
		expect(new Set(await asks("Bearer admin", 500))).toEqual(new Set(["admin"]));
	});
});

test("a limit remembers ten thousand callers, and forgets who was silent for longest", () => {
	const known = new Map<string, number>();
	for (let id = 0; id < 10_000; id += 1) putLast(known, `${id}`, id);
	putLast(known, "0", 0);
	putLast(known, "new", 1);
	expect([known.size, known.has("0"), known.has("1"), known.has("new")]).toEqual([10_000, true, false, true]);
});

test("who asks too often loses nothing by having been refused", () => {
	let nowMs = 0;
	const mayAsk = createRateLimit({ burst: 1, perMinute: 60, nowMs: () => nowMs });
	mayAsk("a");
	let answered = 0;
	for (; nowMs < 10_000; nowMs += 250) answered += mayAsk("a") ? 1 : 0;
	expect(answered).toBe(9);
});

describe("a registry", () => {
	const lines: Record<string, unknown>[] = [];
	let registry: TestRegistry;
	beforeAll(async () => {
		const stream = new Writable({
			write(chunk: Buffer, _encoding, done) {
				lines.push(JSON.parse(chunk.toString()));
				done();
			},
		});
		registry = await startTestRegistry({ callerRate: 10, logger: { level: "warn", stream } });
	});
	afterAll(() => registry.close());

	test("refuses a program that asks too often as a problem, answers everybody else, and logs it once", async () => {
		const access = createAccessClient({ url: registry.url, adminToken: ADMIN_TOKEN });
		const [one, other] = [
			await access.addProgram({ name: "one", roles: ["operator"], station: "S-1" }),
			await access.addProgram({ name: "other", roles: ["agent"] }),
		];
		const phone = new TestPhone();
		await registry.admin.createContract(contractRequest("L-1"));
		const offer = await registry.port.offerEnrollment("L-1", phone.identity);
		await registry.port.confirmEnrollment(offer.enrollmentId, await phone.bind(offer), new Uint8Array());
		const ask = (token: string) => fetch(`${registry.url}/v1/contracts/L-1`, { headers: { authorization: `Bearer ${token}` } });
		const answers = await registry.inNoTime(() => Promise.all(Array.from({ length: 100 }, () => ask(one.token))));
		const refused = answers.filter(({ status }) => status === 429);
		expect(refused.length).toBe(80);
		expect(refused[0]?.headers.get("retry-after")).toBe("1");
		expect(refused[0]?.headers.get("content-type")).toBe("application/problem+json");
		expect(await refused[0]?.json()).toMatchObject({ code: "RATE_LIMITED", details: { retryAfterSeconds: "1" } });
		expect((await ask(other.token)).status).toBe(200);
		expect((await registry.port.relayCheckIn(await phone.checkIn())).length).toBeGreaterThan(0);
		expect(lines.filter(({ code }) => code === "RATE_LIMITED")).toMatchObject([
			{ actor: `program/${one.program.programId}`, route: "/v1/contracts/:id" },
		]);
	});

	test("holds a person who is signed in to the same rate", async () => {
		const { call } = await signIn(registry, ["auditor"]);
		const answers = await registry.inNoTime(() => Promise.all(Array.from({ length: 100 }, () => call("GET", "/v1/session"))));
		expect(answers.filter(({ status }) => status === 429).length).toBe(80);
	});
});
