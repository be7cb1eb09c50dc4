import { mkdirSync } from "node:fs";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";

import { worldOfThisFile } from "../../../e2e/test-world.ts";
import { axeViolations } from "../axe.ts";
import { noBrowser } from "../chromium.ts";
import { type DeskScene, type DeskStage, openDeskStage } from "./desk-stage.ts";

const SHOTS = process.env.HOLDFAST_SHOTS;

describe.skipIf(noBrowser)("the desk as an app", { timeout: 120_000 }, () => {
	const here = worldOfThisFile("desk-install", "in-process");
	let stage: DeskStage;
	let scene: DeskScene;
	beforeAll(async () => {
		stage = await openDeskStage(here.world);
	}, 120_000);
	afterAll(() => stage?.close());
	afterEach(() => expect(scene.errors).toEqual([]));

	const kept = () => scene.page.waitForFunction(() => navigator.serviceWorker.controller !== null);

	it("can be installed: the browser finds nothing wrong with its manifest", async () => {
		scene = await stage.open();
		await kept();
		const devtools = await scene.context.newCDPSession(scene.page);
		const { url, errors, data = "{}" } = await devtools.send("Page.getAppManifest");
		expect(new URL(url).pathname).toBe("/desk/manifest.webmanifest");
		expect(errors).toEqual([]);
		expect(JSON.parse(data)).toMatchObject({ id: "/desk/", start_url: "/desk/", scope: "/desk/", display: "standalone" });
		const { installabilityErrors } = await devtools.send("Page.getInstallabilityErrors");
		// A profile without a disk, as tests have it, is never offered an installation: the one thing that it finds.
		expect(installabilityErrors.map(({ errorId }) => errorId).filter((id) => id !== "in-incognito")).toEqual([]);
		for (const [path, type] of [
			["manifest.webmanifest", "application/manifest+json"],
			["icon-192.png", "image/png"],
			["icon-maskable-512.png", "image/png"],
			["service-worker.js", "text/javascript; charset=utf-8"],
		] as const) {
			const answer = await fetch(`${here.world.registryUrl}/desk/${path}`);
			expect([path, answer.status, answer.headers.get("content-type")]).toEqual([path, 200, type]);
			expect(answer.headers.get("cache-control")).toBe("no-cache");
		}
		const policy = (await fetch(`${here.world.registryUrl}/desk/`)).headers.get("content-security-policy");
		expect(policy).toContain("manifest-src 'self'");
		expect(policy).toContain("worker-src 'self'");
	});

	it("has icons that are the size they say, and draw", async () => {
		scene = await stage.open();
		const sizes = await scene.page.evaluate(async () => {
			const manifest = await (await fetch("/desk/manifest.webmanifest")).json();
			return Promise.all(
				manifest.icons.map(async ({ src, sizes: said }: { src: string; sizes: string }) => {
					const picture = await createImageBitmap(await (await fetch(src)).blob());
					return [said, `${picture.width}x${picture.height}`];
				}),
			);
		});
		expect(sizes).toHaveLength(3);
		for (const [said, is] of sizes) expect(is).toBe(said);
	});

	it("stands when the server is stopped, and says what is wrong when nothing was made ready", async () => {
		scene = await stage.open();
		await scene.told("Everything is ready.");
		await kept();
		scene.isOnline = false;
		await scene.page.reload();
		await scene.told("The server does not answer.");
		expect(await scene.page.title()).toBe("Holdfast desk");
		expect(await scene.page.getByText("Which contract?").count()).toBe(0);
		scene.isOnline = true;
		await scene.press("Load the page again");
		await scene.told("Everything is ready.");
	});

	it.each([
		["light", 1280],
		["dark", 320],
	] as const)("everybody can use the cards for work without network in the %s theme at %i px", async (theme, width) => {
		const handset = await here.world.lab.add();
		const contractId = `I-${theme}`;
		await here.world.enterContract(contractId, handset);
		scene = await stage.open({ theme, context: { viewport: { width, height: 800 } } });
		const { page, press, told } = scene;
		const sound = async (name: string) => {
			if (SHOTS !== undefined) {
				mkdirSync(SHOTS, { recursive: true });
				await page.screenshot({ path: `${SHOTS}/${theme}-${name}.png`, fullPage: true });
			}
			expect([name, await axeViolations(page)]).toEqual([name, []]);
			const isWide = await page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);
			expect([name, isWide]).toEqual([name, false]);
		};
		await press("Go to the contract");
		await page.getByText("Make a contract ready").click();
		await press("Fetch the voucher");
		await told("A voucher names both.");
		await sound("get-ready-wrong");
		// By the cable, for a box may be wrong; the phone asks first.
		scene.plug(handset);
		await press("Read them from the phone on the cable");
		handset.tapAllow();
		await told("nothing on it was changed");
		await page.getByLabel("Number of the contract").fill(contractId);
		await press("Fetch the voucher");
		await told(`${contractId} is ready.`);
		await sound("get-ready");
		await kept();
		scene.isOnline = false;
		await page.getByLabel("Contract number").fill(contractId);
		await press("Find it");
		await told("Show this to the borrower");
		await page.getByRole("checkbox").check();
		await press("Go to the phone");
		await press("Choose the phone");
		await press("Yes, this phone");
		await told("Bound without network: not done yet");
		await told(/^Without network: no phone can be enrolled/);
		expect(await page.evaluate(() => document.activeElement?.textContent)).toBe("Bound without network: not done yet");
		await sound("queued");
		await press("Next phone");
		await told("Bound without network, and not done");
		await sound("unfinished");
	});
});
