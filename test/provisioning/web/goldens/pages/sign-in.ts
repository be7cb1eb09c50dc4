import { createAccessClient } from "../../../../../provisioning/registry/clients/access-client.ts";
import { ADMIN_TOKEN } from "../../../registry/test-registry.ts";
import { addAuthenticator } from "../../sign-in/sign-in-stage.ts";
import type { Show } from "../drawing.ts";
import type { Studio } from "../studio.ts";

/** Somebody new, from the invitation to the passkey. */
export async function drawSignIn(studio: Studio, show: Show): Promise<void> {
	const { stage } = studio;
	const admin = createAccessClient({ url: stage.url, adminToken: ADMIN_TOKEN });
	const { address = "" } = await admin.addPerson({ name: "Asha R.", roles: ["admin", "operator"] });
	const page = await stage.open("/sign-in/", { nowMs: studio.nowMs(), context: { viewport: { width: 1280, height: 800 } } });
	// A passkey belongs to a name, not to a number.
	const origin = `http://localhost:${new URL(stage.url).port}`;
	const { pathname, hash } = new URL(address);
	const main = page.locator(".main-button").first();
	await page.goto(`${origin}/sign-in/`);
	await main.waitFor();
	await show(page, "passkey", { inEveryLanguage: true });
	await page.goto(`${origin}/sign-in/#problem=PROVIDER_REFUSED`);
	await page.getByRole("alert").first().waitFor();
	await show(page, "problem");
	await page.goto(`${origin}${pathname}${hash}`);
	await page.locator(".facts").waitFor();
	await show(page, "invitation");
	await addAuthenticator(page);
	await main.click();
	await page.locator(".passkey-list").waitFor();
	await show(page, "home", { inEveryLanguage: true });
}
