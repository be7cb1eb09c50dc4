/**
 * Keeps the desk's page for when the network is away: exactly the files of one build, each held to its hash, and nothing else. What
 * is asked of the registry goes past it. `scripts/build-web.mjs` writes the list.
 */
import { TAKE_OVER } from "./offline/page-worker.ts";

/** Path and `sha384-...` of each file of this build. */
declare const FILES: readonly (readonly [path: string, integrity: string])[];
/** Another one for another list of files. */
declare const BUILD: string;

/** What of a worker's scope is used here: the compiler knows pages alone. */
interface WorkerScope {
	readonly clients: { claim(): Promise<void> };
	skipWaiting(): Promise<void>;
	addEventListener(type: "install" | "activate", listener: (event: Lasting) => void): void;
	addEventListener(type: "message", listener: (event: Lasting & { readonly data: unknown }) => void): void;
	addEventListener(type: "fetch", listener: (event: Asked) => void): void;
}

interface Lasting {
	waitUntil(work: Promise<unknown>): void;
}

interface Asked {
	readonly request: Request;
	respondWith(answer: Promise<Response>): void;
}

const scope = globalThis as unknown as WorkerScope; // this script runs as a service worker alone
const PREFIX = "holdfast-desk-";
const CACHE = PREFIX + BUILD;
const paths = new Set(FILES.map(([path]) => path));

scope.addEventListener("install", (event) => event.waitUntil(keepFiles()));
scope.addEventListener("activate", (event) => event.waitUntil(begin()));
// It waits until the page says so, or until no page of the older version is open.
scope.addEventListener("message", (event) => {
	if (event.data === TAKE_OVER) event.waitUntil(scope.skipWaiting());
});
scope.addEventListener("fetch", (event) => {
	const { method, url } = event.request;
	const { origin, pathname } = new URL(url);
	if (method !== "GET" || origin !== location.origin || !paths.has(pathname)) return;
	event.respondWith(keptOr(pathname, event.request));
});

/** All of them, or none: a file that is not the one of this build ends the install. */
async function keepFiles(): Promise<void> {
	const cache = await caches.open(CACHE);
	const keepOne = async ([path, integrity]: (typeof FILES)[number]) => {
		const answer = await fetch(path, { integrity, cache: "no-cache", credentials: "omit", redirect: "error" });
		if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
		await cache.put(path, answer);
	};
	await Promise.all(FILES.map(keepOne));
}

/** Deletes what older versions kept. A page that came before the very first worker is its own from here on. */
async function begin(): Promise<void> {
	for (const name of await caches.keys()) if (name.startsWith(PREFIX) && name !== CACHE) await caches.delete(name);
	await scope.clients.claim();
}

async function keptOr(path: string, request: Request): Promise<Response> {
	const kept = await (await caches.open(CACHE)).match(path, { ignoreVary: true });
	return kept ?? fetch(request);
}
