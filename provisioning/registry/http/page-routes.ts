import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

import statics from "@fastify/static";
import type { FastifyPluginAsync } from "fastify";

import type { Role } from "../access/role.ts";
import { refusal } from "../refusal.ts";

interface PageKind {
	/** Whether it may ask the browser for a phone. */
	readonly usb: boolean;
	/** Roles at the lender's side whose work is done there; none for a page that is for everybody. `admin` sees all. */
	readonly roles: readonly Role[];
}

/** Pages that the registry hands out. Each stands in `<pagesFolder>/<name>/`. */
const PAGES: Readonly<Record<string, PageKind>> = {
	"sign-in": { usb: false, roles: [] },
	console: { usb: false, roles: ["agent", "auditor"] },
	desk: { usb: true, roles: ["operator"] },
	technician: { usb: true, roles: ["technician"] },
	borrower: { usb: false, roles: [] },
	check: { usb: false, roles: [] },
	simulator: { usb: false, roles: [] },
};

const POLICY = [
	"default-src 'none'",
	"object-src 'none'",
	"script-src 'self'",
	"style-src 'self'",
	"img-src 'self' blob:",
	"font-src 'self'",
	"connect-src 'self'",
	"worker-src 'self'",
	"manifest-src 'self'",
	"form-action 'self'",
	"frame-ancestors 'none'",
	"base-uri 'none'",
].join("; ");

/** Pages of this folder that have been built. */
export async function builtPages(pagesFolder: string): Promise<string[]> {
	const folders = await readdir(pagesFolder).catch((): string[] => []);
	return Object.keys(PAGES).filter((name) => folders.includes(name));
}

/** Which of these pages are for somebody with these roles, at work. What the registry answers there is decided route by route. */
export function pagesFor(roles: ReadonlySet<Role>, names: readonly string[]): string[] {
	return names.filter((name) => {
		const own = PAGES[name]?.roles ?? [];
		return own.length > 0 && (roles.has("admin") || own.some((role) => roles.has(role)));
	});
}

/** A page's own headers. Its files come from this server alone, and nothing may be written into it. */
function headersFor({ usb }: PageKind): Record<string, string> {
	return {
		"content-security-policy": POLICY,
		"x-content-type-options": "nosniff",
		"x-frame-options": "DENY",
		"referrer-policy": "no-referrer",
		"cross-origin-opener-policy": "same-origin",
		"cross-origin-resource-policy": "same-origin",
		"permissions-policy": `camera=(), microphone=(), geolocation=(), payment=(), usb=(${usb ? "self" : ""})`,
	};
}

/**
 * The built pages: `/desk/` and so on. What they show comes from the API, so the pages themselves are open to all. An index is
 * never kept by a browser; files with a hash in their name are for ever.
 *
 * @param pagesFolder `provisioning/web/build`; what has not been built is not found.
 */
export function pageRoutes(pagesFolder: string): FastifyPluginAsync {
	return async (app) => {
		for (const [name, page] of Object.entries(PAGES)) {
			const folder = join(pagesFolder, name);
			const files = await readdir(folder).catch((): string[] => []);
			await app.register(async (own) => {
				const headers = headersFor(page);
				own.addHook("onRequest", async (_request, reply) => void reply.headers(headers));
				own.get(`/${name}`, { schema: { hide: true } }, async (_request, reply) => reply.redirect(`/${name}/`, 308));
				own.get(`/${name}/`, { schema: { hide: true } }, async (_request, reply) => {
					const index = await readFile(join(folder, "index.html")).catch(() => undefined);
					if (!index) throw refusal("NOT_FOUND", "The page has not been built.", "Run npm run build, then start again.");
					return reply.type("text/html; charset=utf-8").header("cache-control", "no-cache").send(index);
				});
				if (!files.includes("assets")) return;
				await own.register(statics, {
					root: join(folder, "assets"),
					prefix: `/${name}/assets/`,
					index: false,
					dotfiles: "ignore",
					cacheControl: false,
					decorateReply: false,
					schemaHide: true,
					setHeaders: (reply) => void reply.setHeader("cache-control", "public, max-age=31536000, immutable"),
				});
				// Files that keep their name: a service worker and a manifest must stand beside the index.
				for (const file of files.filter((each) => /^[a-z0-9-]+\.(?:js|webmanifest|svg|png)$/.test(each))) {
					own.get(`/${name}/${file}`, { schema: { hide: true } }, async (_request, reply) =>
						reply
							.type(typeOf(file))
							.header("cache-control", "no-cache")
							.send(await readFile(join(folder, file))),
					);
				}
			});
		}
	};
}

function typeOf(file: string): string {
	if (file.endsWith(".js")) return "text/javascript; charset=utf-8";
	if (file.endsWith(".webmanifest")) return "application/manifest+json";
	return file.endsWith(".svg") ? "image/svg+xml" : "image/png";
}
