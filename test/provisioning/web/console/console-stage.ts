import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";

import { wire } from "../../../../proto/wire.ts";
import type { Role } from "../../../../provisioning/registry/access/role.ts";
import { newPublicId, newSecretId } from "../../../../provisioning/registry/access/secret-id.ts";
import type { ContractRequest } from "../../../../provisioning/registry/api.ts";
import { SESSION_COOKIE } from "../../../../provisioning/registry/http/session-cookie.ts";
import { ROOT } from "../../../house/source-tree.ts";
import { evidence, TestPhone } from "../../registry/test-phone.ts";
import { contractRequest, DAY, START, startTestRegistry, type TestRegistry } from "../../registry/test-registry.ts";
import { launchChromium } from "../chromium.ts";

/** A registry that hands out the console, and a browser. */
export interface ConsoleStage {
	readonly registry: TestRegistry;
	/** Enters a contract, enrolls a phone on it, and has the phone report itself. */
	enroll(
		contractId: string,
		status?: wire.DeviceStatus.$Properties,
		changes?: Partial<ContractRequest>,
		phone?: TestPhone,
	): Promise<TestPhone>;
	report(phone: TestPhone, status: wire.DeviceStatus.$Properties): Promise<void>;
	/** Somebody with these roles, signed in, in a browser of their own. */
	person(roles: readonly Role[], options?: PersonOptions): Promise<ConsolePerson>;
	close(): Promise<void>;
}

/** What several stages can stand on. */
export interface SharedStage {
	readonly registry: TestRegistry;
	readonly browser: Browser;
	/** Base URL under which the registry hands out its pages. */
	readonly url: string;
}

interface PersonOptions extends BrowserContextOptions {
	/** As the page shows it. Default: their roles. */
	readonly name?: string;
	readonly theme?: string;
	readonly language?: string;
}

export interface ConsolePerson {
	readonly page: Page;
	readonly personId: string;
	/** What the browser's console and the page's policy complained of. */
	readonly complaints: string[];
	/** Opens an address below `/console/`. */
	goto(query?: string): Promise<void>;
	/** Everything that the page asked for is there and drawn. */
	settled(): Promise<void>;
	close(): Promise<void>;
}

/** @param shared a registry with its pages and a browser that are open already, and stay open. */
export async function openConsoleStage(shared?: SharedStage): Promise<ConsoleStage> {
	await promisify(execFile)(process.execPath, [join(ROOT, "scripts/build-web.mjs"), "--if-stale"], { cwd: ROOT });
	const registry = shared?.registry ?? (await startTestRegistry({ pagesFolder: join(ROOT, "provisioning/web/build") }));
	const origin = `http://localhost:${new URL(shared?.url ?? registry.url).port}`;
	const browser = shared?.browser ?? (await launchChromium());
	const report = async (phone: TestPhone, status: wire.DeviceStatus.$Properties) => {
		const checkIn = await phone.checkIn({ status: { contact: wire.ContactState.CONTACT_STATE_FRESH, sealed: true, ...status } });
		phone.takeReply(await registry.port.relayCheckIn(checkIn));
	};
	return {
		registry,
		report,
		async enroll(contractId, status = { standing: wire.Standing.STANDING_UNLOCKED }, changes = {}, phone = new TestPhone()) {
			await registry.admin.createContract(contractRequest(contractId, changes));
			const offer = await registry.port.offerEnrollment(contractId, phone.identity);
			await registry.port.confirmEnrollment(offer.enrollmentId, await phone.bind(offer), evidence(contractId));
			await report(phone, status);
			return phone;
		},
		async person(roles, { name = `Test ${roles.join(" ")}`, theme = "light", language = "en", ...options } = {}) {
			const personId = newPublicId();
			const { secret, sha256 } = newSecretId();
			const { kysely } = registry.database;
			await kysely
				.insertInto("people")
				.values({
					person_id: personId,
					name,
					email: null,
					roles: [...roles],
					roles_from: "registry",
					vouched_by: "admin",
					created_at: registry.now,
					disabled_at: null,
				})
				.execute();
			await kysely
				.insertInto("sessions")
				.values({
					id_sha256: sha256,
					person_id: personId,
					signed_in_at: registry.now,
					last_seen_at: registry.now,
					expires_at: registry.now + 12 * 3600,
					stepped_up_at: registry.now,
				})
				.execute();
			const context = await browser.newContext({
				viewport: { width: 1280, height: 900 },
				locale: "en-GB",
				timezoneId: "Europe/Berlin",
				reducedMotion: "reduce",
				acceptDownloads: true,
				...options,
			});
			context.setDefaultTimeout(30_000);
			await context.addCookies([
				{ name: SESSION_COOKIE, value: secret, url: "https://localhost/", secure: true, httpOnly: true, sameSite: "Strict" },
			]);
			await context.addInitScript((look) => localStorage.setItem("holdfast-look", look), JSON.stringify({ theme, language }));
			const page = await context.newPage();
			await page.clock.setFixedTime(registry.now * 1000);
			const complaints: string[] = [];
			page.on("console", (message) => {
				if (message.type() === "error" && !message.text().includes("Failed to load resource")) complaints.push(message.text());
			});
			page.on("pageerror", (error) => complaints.push(error.message));
			const asked = new Set<unknown>();
			page.on("request", (request) => asked.add(request));
			page.on("requestfinished", (request) => asked.delete(request));
			page.on("requestfailed", (request) => asked.delete(request));
			return {
				page,
				personId,
				complaints,
				async goto(query = "") {
					await page.goto(`${origin}/console/${query}`);
					await page.getByRole("navigation").first().waitFor();
				},
				async settled() {
					do {
						await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
					} while (asked.size > 0);
				},
				close: () => context.close(),
			};
		},
		async close() {
			if (shared) return;
			await browser.close();
			await registry.close();
		},
	};
}

/** A phone that is locked in full, a month after it was enrolled. */
export const LOCKED: wire.DeviceStatus.$Properties = {
	standing: wire.Standing.STANDING_LOCKED_FULL,
	level: wire.RestrictionLevel.RESTRICTION_LEVEL_FULL,
	causes: [wire.LockCause.LOCK_CAUSE_OVERDUE],
	paidUntilUnixSeconds: START + 30 * DAY,
};

/** A contract whose terms differ. */
export function withTerms(changes: object): Partial<ContractRequest> {
	const { terms } = contractRequest("any");
	return { terms: { ...terms, ...changes } };
}
