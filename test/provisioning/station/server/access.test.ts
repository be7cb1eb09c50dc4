import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { type IncomingHttpHeaders, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";

import {
	type StationServer,
	type StationServerOptions,
	startStationServer,
} from "../../../../provisioning/station/server/start-station-server.ts";
import { createFakeStation } from "./fake-station.ts";

const TOKEN = "a-token-of-thirty-two-characters-or-more";
let folder: string;
let server: StationServer | undefined;

beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), "holdfast-page-"));
	await mkdir(join(folder, "assets"));
	await writeFile(join(folder, "index.html"), "<!doctype html><title>page</title>");
	await writeFile(join(folder, "assets/main-1a2b3c.js"), "1;");
	await writeFile(join(folder, "secret.txt"), "not a page");
});
afterAll(() => rm(folder, { recursive: true, force: true }));
afterEach(async () => {
	await server?.close();
	server = undefined;
});

async function serve(
	options: Partial<StationServerOptions> = {},
): Promise<(path: string, headers?: Record<string, string>, method?: string) => Promise<Answer>> {
	server = await startStationServer({ station: createFakeStation(), pageFolder: folder, ...options });
	const { port } = new URL(server.url);
	return (path, headers = {}, method = "GET") => ask(Number(port), path, headers, method);
}

interface Answer {
	readonly status: number;
	readonly headers: IncomingHttpHeaders;
	readonly text: string;
}

/** Without fetch's own ideas about Host and Origin. Ends as soon as there is something of the body. */
function ask(port: number, path: string, headers: Record<string, string>, method: string): Promise<Answer> {
	return new Promise((resolve, reject) => {
		const body = method === "POST" ? JSON.stringify({ type: "sign-out" }) : "";
		const own =
			method === "POST"
				? { "content-type": "application/json", "idempotency-key": "key-number-1", "content-length": String(body.length) }
				: {};
		const asked = request(
			{ host: "127.0.0.1", port, path, method, headers: { ...own, ...headers }, agent: false },
			(response) => {
				let text = "";
				const end = () => {
					asked.destroy();
					resolve({ status: response.statusCode ?? 0, headers: response.headers, text });
				};
				response.setEncoding("utf8");
				response.on("data", (part) => {
					text += part;
					if (response.headers["content-type"]?.startsWith("text/event-stream")) end();
				});
				response.on("end", end);
			},
		);
		asked.on("error", reject);
		asked.end(body);
	});
}

describe("the page's files", () => {
	it("come with headers that let nothing foreign in, the index never cached and the rest for ever", async () => {
		const get = await serve();
		const index = await get("/");
		expect([index.status, index.text]).toEqual([200, "<!doctype html><title>page</title>"]);
		expect(index.headers["cache-control"]).toBe("no-store");
		const script = await get("/assets/main-1a2b3c.js");
		expect([script.status, script.headers["cache-control"]]).toEqual([200, "public, max-age=31536000, immutable"]);
		for (const { headers } of [index, script, await get("/api/events"), await get("/nothing"), await get("/metrics")]) {
			expect(headers["content-security-policy"]).toContain("default-src 'self'");
			expect(headers["content-security-policy"]).toContain("frame-ancestors 'none'");
			expect(headers["content-security-policy"]).not.toContain("unsafe");
			expect(headers["x-content-type-options"]).toBe("nosniff");
			expect(headers["referrer-policy"]).toBe("no-referrer");
			expect(Object.keys(headers).filter((name) => name.startsWith("access-control"))).toEqual([]);
		}
	});

	it("are those of the folder's assets alone", async () => {
		const get = await serve();
		for (const path of ["/secret.txt", "/assets/../secret.txt", "/assets/%2e%2e/secret.txt", "/assets/", "/index.html"]) {
			expect([path, (await get(path)).status]).toEqual([
				path,
				expect.toSatisfy((status: number) => status === 404 || status === 403),
			]);
		}
	});

	it("say so when they were not built", async () => {
		const get = await serve({ pageFolder: join(folder, "nowhere") });
		expect(await get("/")).toMatchObject({ status: 503, text: expect.stringContaining("PAGE_MISSING") });
	});
});

describe("another site", () => {
	it.each(["evil.example", "evil.example:80", "127.0.0.1.evil.example", "[evil"])(
		"does not reach the station as %j",
		async (host) => {
			const get = await serve();
			for (const path of ["/", "/api/events", "/metrics", "/healthz"])
				expect([path, (await get(path, { host })).status]).toEqual([
					path,
					expect.toSatisfy((status: number) => status === 421 || status === 400),
				]);
		},
	);

	it("is told from names that the station has", async () => {
		const get = await serve({ hostNames: ["Station-1.local"] });
		for (const host of ["localhost:7070", "127.0.0.1", "[::1]:80", "192.168.4.7:7070", "station-1.local:7070"]) {
			expect([host, (await get("/healthz", { host })).status]).toEqual([host, 200]);
		}
	});

	it.each([
		{ origin: "http://evil.example" },
		{ origin: "null" },
		{ "sec-fetch-site": "cross-site" },
		{ "sec-fetch-site": "same-site" },
	])("sends no command and follows nothing: %j", async (headers) => {
		const get = await serve();
		expect((await get("/api/commands", headers, "POST")).status).toBe(403);
		expect((await get("/api/events", headers)).status).toBe(403);
		expect((await get("/api/reports/batch.csv", headers)).status).toBe(403);
	});

	it("is not the station's own page", async () => {
		const get = await serve();
		const headers = { host: "127.0.0.1:9", origin: "http://127.0.0.1:9", "sec-fetch-site": "same-origin" };
		expect((await get("/api/commands", headers, "POST")).status).toBe(200);
		expect((await get("/api/events", headers)).status).toBe(200);
	});
});

describe("with a token", () => {
	it("is the only way to listen where other machines are", async () => {
		for (const host of ["0.0.0.0", "::", "192.0.2.1"]) await expect(serve({ host })).rejects.toThrow(/only with a token/);
		await expect(serve({ host: "0.0.0.0", token: "short" })).rejects.toThrow(/32/);
		const get = await serve({ host: "0.0.0.0", token: TOKEN });
		expect((await get("/api/events")).status).toBe(401);
	});

	it("nobody enters without the cookie or the token, but for the health checks", async () => {
		const get = await serve({ token: TOKEN });
		const others: Record<string, string>[] = [{}, { authorization: `Bearer ${TOKEN}x` }, { cookie: "holdfast-station=1.x.y" }];
		for (const headers of others) {
			for (const path of ["/", "/assets/main-1a2b3c.js", "/api/events", "/metrics", "/api/reports/batch.csv"])
				expect((await get(path, headers)).status).toBe(401);
			expect((await get("/api/commands", headers, "POST")).status).toBe(401);
		}
		expect([(await get("/healthz")).status, (await get("/readyz")).status]).toEqual([200, 200]);
		expect((await get("/metrics", { authorization: `Bearer ${TOKEN}` })).status).toBe(200);
	});

	it("an address opens the page once, with a cookie that scripts and other sites do not have", async () => {
		const get = await serve({ token: TOKEN });
		const path = new URL(server?.entryUrl() ?? "").pathname;
		const entered = await get(path);
		const [cookie = ""] = entered.headers["set-cookie"] ?? [];
		expect(cookie).toMatch(/^holdfast-station=[\w.-]+; Path=\/; Max-Age=43200; HttpOnly; SameSite=Strict$/);
		expect(cookie).not.toContain(TOKEN);
		expect((await get("/", { cookie: `other=1; ${cookie.split(";")[0]}` })).status).toBe(200);
		expect((await get(path)).status).toBe(403);
		expect((await get("/enter/guessed")).status).toBe(403);
	});

	it("the cookie outlives a restart with the same token, and nothing else", async () => {
		let nowMs = Date.UTC(2026, 0, 1);
		let get = await serve({ token: TOKEN, nowMs: () => nowMs });
		const [header = ""] = (await get(new URL(server?.entryUrl() ?? "").pathname)).headers["set-cookie"] ?? [];
		const cookie = header.split(";")[0] ?? "";
		await server?.close();
		get = await serve({ token: TOKEN, nowMs: () => nowMs });
		expect((await get("/", { cookie })).status).toBe(200);
		nowMs += 13 * 3600_000;
		expect((await get("/", { cookie })).status).toBe(401);
		nowMs -= 13 * 3600_000;
		const longer = cookie.replace(/=(\d+)/, (_whole, seconds) => `=${Number(seconds) + 9}`);
		expect((await get("/", { cookie: longer })).status).toBe(401);
		await server?.close();
		get = await serve({ token: `${TOKEN}-another`, nowMs: () => nowMs });
		expect((await get("/", { cookie })).status).toBe(401);
	});

	it("a browser that signs out is let in no more, whoever kept its cookie, and its stream ends; another one stays", async () => {
		const get = await serve({ token: TOKEN });
		const enter = async () => {
			const [header = ""] = (await get(new URL(server?.entryUrl() ?? "").pathname)).headers["set-cookie"] ?? [];
			return { cookie: header.split(";")[0] ?? "" };
		};
		const [mine, other] = [await enter(), await enter()];
		const following = await fetch(`${server?.url}/api/events`, { headers: mine });
		expect((await get("/api/session", mine)).text).toBe('{"entry":"cookie"}');
		expect((await get("/api/session", { ...mine, origin: "http://evil.example" }, "DELETE")).status).toBe(403);
		const left = await get("/api/session", mine, "DELETE");
		expect([left.status, left.headers["set-cookie"]]).toEqual([
			200,
			["holdfast-station=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict"],
		]);
		expect(await following.text()).toContain("event: view"); // it ended
		expect([(await get("/", mine)).status, (await get("/", other)).status]).toEqual([401, 200]);
	});

	it("who was let in, who signed out and who was refused stands in the log, without a code or a cookie", async () => {
		const lines: string[] = [];
		const get = await serve({
			token: TOKEN,
			logger: { level: "info", stream: { write: (line: string) => void lines.push(line) } },
		});
		const path = new URL(server?.entryUrl() ?? "").pathname;
		const [header = ""] = (await get(path)).headers["set-cookie"] ?? [];
		const cookie = header.split(";")[0] ?? "";
		await get(path);
		await get("/metrics");
		await get("/", { host: "evil.example" });
		await get("/api/session", { cookie }, "DELETE");
		const from = "127.0.0.1";
		expect(lines.map((line) => JSON.parse(line)).filter((line) => line.route !== undefined)).toMatchObject([
			{ level: 30, from, route: "/enter/:code", msg: "a browser was let in" },
			{ level: 40, from, route: "/enter/:code", code: "ENTRY_USED" },
			{ level: 40, from, route: "/metrics", code: "ENTRY_REQUIRED" },
			{ level: 40, from, code: "WRONG_HOST" },
			{ level: 30, from, route: "/api/session", msg: "a browser signed out" },
		]);
		expect(lines.join("")).not.toContain(path.split("/").at(-1));
		expect(lines.join("")).not.toContain(cookie.split("=")[1]);
	});

	it("tells a person who was not let in what to do, in words and not in JSON", async () => {
		const get = await serve({ token: TOKEN });
		const { status, headers, text } = await get("/", { accept: "text/html,*/*" });
		expect([status, headers["content-type"]]).toEqual([401, "text/html; charset=utf-8"]);
		expect(text).toContain("Open the one-time address that the station prints.");
	});

	it("asking for an address's head does not use it up, and follows nothing", async () => {
		const get = await serve({ token: TOKEN });
		const { pathname } = new URL(server?.entryUrl() ?? "");
		expect((await get(pathname, {}, "HEAD")).status).toBe(404);
		expect((await get("/api/events", { authorization: `Bearer ${TOKEN}` }, "HEAD")).status).toBe(404);
		expect((await get(pathname)).status).toBe(200);
	});

	it("an address that nobody opened in 15 minutes opens nothing", async () => {
		let nowMs = 0;
		const get = await serve({ token: TOKEN, nowMs: () => nowMs });
		const { pathname } = new URL(server?.entryUrl() ?? "");
		nowMs += 15 * 60_000;
		expect((await get(pathname)).status).toBe(403);
	});
});

describe("reports", () => {
	it("are what the station's port makes, as files to keep", async () => {
		const get = await serve({
			reports: async (format) => (format === "pdf" ? undefined : new TextEncoder().encode(`the ${format}`)),
		});
		expect(await get("/api/reports/batch.csv")).toMatchObject({
			status: 200,
			text: "the csv",
			headers: {
				"content-type": "text/csv; charset=utf-8",
				"content-disposition": 'attachment; filename="batch-PO-2026-0314.csv"',
			},
		});
		expect((await get("/api/reports/batch.json")).text).toBe("the json");
		expect((await get("/api/reports/batch.pdf")).status).toBe(404);
		expect((await get("/api/reports/batch.exe")).status).toBe(404);
	});

	it("are not found where nobody makes them", async () => {
		const get = await serve();
		expect((await get("/api/reports/batch.csv")).status).toBe(404);
	});
});
