import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ownPath } from "../../../../provisioning/web/frame/own-path.ts";
import { signInAddress } from "../../../../provisioning/web/frame/session.ts";
import { readArrival } from "../../../../provisioning/web/sign-in/arrival.ts";
import { caller } from "../../registry/access/signed-in.ts";
import { noBrowser } from "../chromium.ts";
import { type BrowserPerson, openSignInStage, type SignInStage } from "./sign-in-stage.ts";

if (noBrowser) console.warn(`The sign-in page was not looked at: ${noBrowser}`);

describe.skipIf(noBrowser)("a person at the sign-in page", { timeout: 60_000 }, () => {
	let stage: SignInStage;
	beforeAll(async () => {
		stage = await openSignInStage();
	});
	afterAll(() => stage?.close());

	const cookieOf = async ({ page }: BrowserPerson) =>
		(await page.context().cookies()).find(({ name }) => name === "__Host-holdfast")?.value;
	const press = ({ page }: BrowserPerson, name: string) => page.getByRole("button", { name, exact: true }).click();
	const told = ({ page }: BrowserPerson, text: string | RegExp) => page.getByText(text).first().waitFor();

	/** Somebody new with a passkey, signed in. */
	async function newPerson(name: string, roles: ("admin" | "agent" | "operator")[] = ["agent"]) {
		const invitation = await stage.admin.addPerson({ name, roles });
		const person = await stage.person();
		await person.page.goto(invitation.address ?? "");
		await press(person, "Register a passkey");
		await told(person, `Signed in as ${name}`);
		return { ...person, invitation };
	}

	it("registers a passkey by an invitation, is in, signs out, and comes back with the passkey and another session", async () => {
		const ana = await newPerson("Ana Ruiz");
		expect(ana.page.url()).toBe(`${stage.origin}/sign-in/`); // the code is gone from the address
		const first = await cookieOf(ana);
		await press(ana, "Sign out");
		await told(ana, "There is no password.");
		expect(await cookieOf(ana)).toBeUndefined();
		await press(ana, "Sign in with a passkey");
		await told(ana, "Signed in as Ana Ruiz");
		expect(await cookieOf(ana)).not.toBe(first);
		expect(ana.complaints.filter((text) => !text.includes("401"))).toEqual([]);
		await ana.close();
	});

	it("never signs in under an id that the browser had before, and ends what stood under it", async () => {
		const ana = await newPerson("Left Behind");
		const before = (await cookieOf(ana)) ?? "";
		const invitation = await stage.admin.addPerson({ name: "Fix Ation", roles: ["agent"] });
		await ana.page.goto(invitation.address ?? "");
		await press(ana, "Register a passkey");
		await told(ana, "Signed in as Fix Ation");
		expect(await cookieOf(ana)).not.toBe(before);
		const old = caller(stage.registry, { cookie: `__Host-holdfast=${before}` });
		expect((await old("GET", "/v1/session")).status).toBe(401);
		await ana.close();
	});

	it("uses an invitation once: a second browser is told so, and so is a second answer to one challenge", async () => {
		const ana = await newPerson("Once Only");
		const thief = await stage.person();
		await thief.page.goto(ana.invitation.address ?? "");
		await told(thief, "This invitation was used, is too old, or was replaced.");
		await thief.close();
		await ana.close();
	});

	it("is not let in by an answer that was given before", async () => {
		const ana = await newPerson("Re Play");
		const { page } = ana;
		await press(ana, "Sign out");
		await told(ana, "There is no password.");
		const [sent] = await Promise.all([
			page.waitForRequest((request) => request.url().endsWith("/v1/session/passkey/verify")),
			press(ana, "Sign in with a passkey"),
		]);
		const body = sent.postData() ?? "";
		await told(ana, "Signed in as Re Play");
		const replay = (text: string) =>
			page.evaluate(async (payload) => {
				const response = await fetch("/v1/session/passkey/verify", {
					method: "POST",
					headers: { "content-type": "application/json", "x-holdfast-request": "1" },
					body: payload,
				});
				return (await response.json()).code as string; // a problem
			}, text);
		expect(await replay(body)).toBe("SIGN_IN_REFUSED");
		// With a fresh challenge's name, the signature is over another challenge.
		const fresh = await page.evaluate(async () => {
			const headers = { "content-type": "application/json", "x-holdfast-request": "1" };
			const response = await fetch("/v1/session/passkey/options", { method: "POST", headers, body: "{}" });
			return (await response.json()).challengeId as string; // as the API says
		});
		expect(await replay(JSON.stringify({ ...JSON.parse(body), challengeId: fresh }))).toBe("SIGN_IN_REFUSED");
		await ana.close();
	});

	it("is not let in by an authenticator that did not check its owner, nor by a passkey that is not known", async () => {
		const ana = await newPerson("No Finger");
		await press(ana, "Sign out");
		await told(ana, "There is no password.");
		const { client, id } = ana.authenticator;
		await client.send("WebAuthn.setUserVerified", { authenticatorId: id, isUserVerified: false });
		await press(ana, "Sign in with a passkey");
		await told(ana, "Your browser was not given a passkey.");
		await client.send("WebAuthn.setUserVerified", { authenticatorId: id, isUserVerified: true });
		await stage.registry.database.pool.query("DELETE FROM passkeys WHERE person_id = $1", [ana.invitation.person.personId]);
		await press(ana, "Sign in with a passkey");
		await told(ana, "You were not let in.");
		expect(await cookieOf(ana)).toBeUndefined();
		await ana.close();
	});

	it("adds and removes passkeys, shows the passkey again for it when time has passed, and keeps the last", async () => {
		const ana = await newPerson("Two Keys");
		const { page, authenticator } = ana;
		stage.registry.now += 600; // the sign-in is too long ago for a grave act
		const before = await cookieOf(ana);
		const dialog = page.getByRole("dialog");
		await press(ana, "Remove");
		await dialog.getByRole("button", { name: "Remove" }).click();
		await told(ana, "This is your last way to sign in.");
		expect(await cookieOf(ana)).not.toBe(before); // another id after the step-up
		// Another device of hers: this one holds a passkey already, and says so.
		await press(ana, "Add a passkey");
		await told(ana, "This device has a passkey of yours already.");
		const { credentials } = await authenticator.client.send("WebAuthn.getCredentials", { authenticatorId: authenticator.id });
		await authenticator.client.send("WebAuthn.clearCredentials", { authenticatorId: authenticator.id });
		await press(ana, "Add a passkey");
		await told(ana, "The passkey was added.");
		expect(await page.getByRole("button", { name: "Remove" }).count()).toBe(2);
		expect(credentials).toHaveLength(1);
		await page.getByRole("button", { name: "Remove" }).first().click();
		await dialog.getByRole("button", { name: "Remove" }).click();
		await told(ana, "The passkey was removed.");
		expect(await page.getByRole("button", { name: "Remove" }).count()).toBe(1);
		await ana.close();
	});

	it("is led back to the page they came from, on this server and nowhere else", async () => {
		const ana = await newPerson("Come Back");
		await ana.page.goto(`${stage.origin}${signInAddress("/openapi.json?a=1#b")}`);
		await ana.page.waitForURL(`${stage.origin}/openapi.json?a=1#b`);
		for (const evil of [
			"//evil.example/",
			"https://evil.example/",
			"/\\evil.example",
			"javascript:alert(1)",
			"/\t/evil.example",
		]) {
			await ana.page.goto("about:blank");
			await ana.page.goto(`${stage.origin}${signInAddress(evil)}`);
			await told(ana, "Signed in as Come Back");
			expect(ana.page.url()).toBe(`${stage.origin}/sign-in/`);
		}
		await ana.close();
	});

	it("is told the right address when they open another one", async () => {
		const ana = await stage.person();
		await ana.page.goto(`${stage.origin.replace("localhost", "127.0.0.1")}/sign-in/`);
		await told(ana, "This page has another address");
		expect(await ana.page.getByRole("link", { name: stage.origin }).getAttribute("href")).toBe(`${stage.origin}/sign-in/`);
		await ana.close();
	});

	it("has no secret of theirs in a log, a Referer or an address that a server sees", async () => {
		const asked: string[] = [];
		const invitation = await stage.admin.addPerson({ name: "Quiet", roles: ["agent"] });
		const ana = await stage.person();
		ana.page.on("request", (request) => asked.push(request.url(), request.headers()["referer"] ?? ""));
		await ana.page.goto(invitation.address ?? "");
		await told(ana, "Welcome, Quiet");
		const code = invitation.address?.split("=").at(-1) ?? "";
		expect(code).toHaveLength(43);
		// Playwright shows the whole address of the navigation; browsers send it without what stands after #.
		expect(asked.filter((text) => text.split("#")[0]?.includes(code))).toEqual([]);
		await ana.close();
	});
});

describe("an address of the sign-in page", () => {
	const origin = "https://registry.example";
	it.each(["/console/", "/console/?contract=C-1#x", "/"])("leads on to %s", (path) => {
		expect(ownPath(path, origin)).toBe(path);
	});
	it.each([
		"",
		"console",
		"//evil.example",
		"/\\evil.example",
		"/\n/evil.example",
		"https://evil.example/",
		"javascript:alert(1)",
		null,
	])("does not lead on to %j", (path) => {
		expect(ownPath(path, origin)).toBeUndefined();
	});
	it("carries a code of an invitation in one shape only", () => {
		const code = "a".repeat(43);
		expect(readArrival(`#invitation=${code}`)).toEqual({ invitation: code });
		expect(readArrival("#invitation=short&problem=<b>")).toEqual({});
	});
});
