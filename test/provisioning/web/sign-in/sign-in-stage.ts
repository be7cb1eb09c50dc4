import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";

import type { Browser, BrowserContextOptions, CDPSession, Page } from "playwright-core";

import { createAccessClient } from "../../../../provisioning/registry/clients/access-client.ts";
import type { CreateRegistryOptions } from "../../../../provisioning/registry/http/create-registry.ts";
import { ROOT } from "../../../house/source-tree.ts";
import { ADMIN_TOKEN, startTestRegistry, type TestRegistry } from "../../registry/test-registry.ts";
import { launchChromium } from "../chromium.ts";

/** A registry that hands out its pages, and a browser. */
export interface SignInStage {
	readonly registry: TestRegistry;
	/** Where people sign in: `http://localhost:<port>`. */
	readonly origin: string;
	/** With the admin token. */
	readonly admin: ReturnType<typeof createAccessClient>;
	readonly browser: Browser;
	/** A browser of its own, with an authenticator in it that says yes to everything. */
	person(options?: BrowserContextOptions): Promise<BrowserPerson>;
	close(): Promise<void>;
}

export interface BrowserPerson {
	readonly page: Page;
	readonly authenticator: Authenticator;
	/** What the browser's console and its policy complained of. */
	readonly complaints: readonly string[];
	close(): Promise<void>;
}

/** Chromium's own virtual authenticator (WebAuthn automation). */
export interface Authenticator {
	readonly client: CDPSession;
	readonly id: string;
}

/** @param options of the server besides its pages. */
export async function openSignInStage(options: Pick<CreateRegistryOptions, "provider"> = {}): Promise<SignInStage> {
	await promisify(execFile)(process.execPath, [join(ROOT, "scripts/build-web.mjs"), "--if-stale"], { cwd: ROOT });
	const registry = await startTestRegistry({ pagesFolder: join(ROOT, "provisioning/web/build"), ...options });
	const browser = await launchChromium();
	return {
		registry,
		origin: `http://localhost:${new URL(registry.url).port}`,
		admin: createAccessClient({ url: registry.url, adminToken: ADMIN_TOKEN }),
		browser,
		async person(contextOptions = {}) {
			const context = await browser.newContext({ locale: "en-GB", reducedMotion: "reduce", ...contextOptions });
			context.setDefaultTimeout(30_000);
			const page = await context.newPage();
			const complaints: string[] = [];
			page.on("console", (message) => {
				if (message.type() === "error") complaints.push(message.text());
			});
			page.on("pageerror", (error) => complaints.push(error.message));
			const authenticator = await addAuthenticator(page);
			return { page, authenticator, complaints, close: () => context.close() };
		},
		async close() {
			await browser.close();
			await registry.close();
		},
	};
}

/** Adds one that says yes to everything. */
export async function addAuthenticator(page: Page): Promise<Authenticator> {
	const client = await page.context().newCDPSession(page);
	await client.send("WebAuthn.enable");
	const { authenticatorId: id } = await client.send("WebAuthn.addVirtualAuthenticator", {
		options: {
			protocol: "ctap2",
			transport: "internal",
			hasResidentKey: true,
			hasUserVerification: true,
			isUserVerified: true,
			automaticPresenceSimulation: true,
		},
	});
	return { client, id };
}
