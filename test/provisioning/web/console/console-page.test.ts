import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";

import { requestNumber } from "../../../../proto/request-number.ts";
import { wire } from "../../../../proto/wire.ts";
import type { TestPhone } from "../../registry/test-phone.ts";
import { contractRequest, DAY, START } from "../../registry/test-registry.ts";
import { noBrowser } from "../chromium.ts";
import { type ConsolePerson, type ConsoleStage, LOCKED, openConsoleStage, withTerms } from "./console-stage.ts";

const NOW = START + 45 * DAY;
const XSS = '<img src=x onerror="document.title=1">';
const { STANDING_UNLOCKED } = wire.Standing;

if (noBrowser) console.warn(`The console was not looked at: ${noBrowser}`);

describe.skipIf(noBrowser)("the console", () => {
	let stage: ConsoleStage;
	let agent: ConsolePerson;
	let page: Page;
	const phones = new Map<string, TestPhone>();
	const story = (contractId: string) => stage.registry.console.story(contractId);

	beforeAll(async () => {
		stage = await openConsoleStage();
		for (const id of ["C-PAID", "C-LATE", "C-STUCK", "C-ACTS", "C-END", "C-BACK", "C-ERROR", "C-TWO", "C-STALE", "C-FLOOR"])
			phones.set(id, await stage.enroll(id));
		phones.set("C-XSS", await stage.enroll("C-XSS", { standing: STANDING_UNLOCKED }, withTerms({ accountShown: XSS })));
		await stage.enroll("C-YEN", { standing: STANDING_UNLOCKED }, withTerms({ currency: "JPY" }));
		await stage.registry.admin.createContract(contractRequest("C-NEW"));
		for (const id of ["C-PAID", "C-STUCK"])
			await stage.registry.admin.recordPayment(id, { reference: `${id}-1`, amountMinor: 2000 });
		stage.registry.now = NOW;
		for (const id of ["C-STUCK", "C-ERROR"]) await stage.report(phoneOf(id), LOCKED);
		for (const id of ["C-LATE", "C-TWO", "C-FLOOR"]) await stage.report(phoneOf(id), { standing: STANDING_UNLOCKED });
		agent = await stage.person(["agent"]);
		page = agent.page;
	}, 180_000);
	afterAll(() => stage?.close());
	afterEach(() => expect(agent.complaints.splice(0)).toEqual([]));

	const phoneOf = (id: string): TestPhone => {
		const phone = phones.get(id);
		if (!phone) throw new Error(`no phone on ${id}`);
		return phone;
	};
	const tailOf = (id: string) => phoneOf(id).identity.imei1.slice(-4);
	const open = (id: string, act: string) => agent.goto(`?contract=${id}&act=${act}`);
	const button = (name: string | RegExp, on: Page = page) => on.getByRole("button", { name });
	const told = (text: string | RegExp, on: Page = page) => on.getByText(text).first().waitFor();
	/** A press that a mouse can make on a button that says it is off. */
	const press = (name: string | RegExp, on: Page = page) => button(name, on).evaluate((element: HTMLElement) => element.click());
	const confirmPhone = async (id: string, on: Page = page) => {
		const dialog = on.getByRole("dialog");
		await dialog.getByRole("textbox").fill(tailOf(id));
		await dialog.getByRole("button", { name: "Yes, this phone" }).click();
	};

	describe("the list", () => {
		it("holds its filters in the address, is searched by an IMEI's tail, and goes back", { timeout: 60_000 }, async () => {
			await agent.goto();
			await page.getByRole("link", { name: "C-LATE" }).waitFor();
			expect(await page.locator("tbody tr").count()).toBe(13);
			await page.getByLabel("Contract number or IMEI").fill(tailOf("C-LATE"));
			await button("Search").click();
			await expect.poll(() => page.locator("tbody tr").count()).toBe(1);
			expect(new URL(page.url()).searchParams.get("text")).toBe(tailOf("C-LATE"));
			await page.goBack();
			await expect.poll(() => page.locator("tbody tr").count()).toBe(13);
			await page.getByLabel("Phone", { exact: true }).selectOption({ label: "Locked in full" });
			await expect.poll(() => page.locator("tbody tr").count()).toBe(2);
			await page.reload();
			await expect.poll(() => page.locator("tbody tr").count()).toBe(2);
			await page.getByRole("link", { name: "C-STUCK" }).focus();
			await page.keyboard.press("Enter");
			await page.getByRole("heading", { name: "Contract C-STUCK" }).waitFor();
		});

		it("leads on by pages", async () => {
			await agent.goto("?sort=due");
			await page.getByRole("link", { name: "C-LATE" }).waitFor();
			expect(await page.getByRole("link", { name: "Next page" }).count()).toBe(0);
		});
	});

	describe("a contract", () => {
		it("says in plain words how it stands, in its own currency", { timeout: 60_000 }, async () => {
			await agent.goto("?contract=C-STUCK");
			await told("All is paid that is due, and the phone last said that it is locked.");
			await told("MXN 20.00 of MXN 30.00");
			await agent.goto("?contract=C-YEN");
			await told("JPY 0 of JPY 3,000");
			await agent.goto("?contract=NOTHING");
			await told("There is no contract NOTHING.");
		});

		it("shows what somebody wrote as text, whatever it looks like", async () => {
			await agent.goto("?contract=C-XSS");
			await told(XSS);
			expect(await page.locator("main img").count()).toBe(0);
		});

		it("tells what happens when, and asks the phone's own program", { timeout: 90_000 }, async () => {
			await agent.goto("?contract=C-LATE");
			await told("If nobody pays");
			await button("Ask the phone's own program").click();
			await page.getByText("Decided by the phone's own program").waitFor({ timeout: 60_000 });
			await told(/Grace: everything works/);
		});
	});

	describe("a payment", () => {
		it("is booked once, however often somebody presses", { timeout: 60_000 }, async () => {
			await open("C-ACTS", "payment");
			await page.getByLabel("Amount in MXN").fill("1,000");
			await press("Record payment");
			await told("Write digits, and a point before the decimals: 1234.50");
			await page.getByLabel("Amount in MXN").fill("10.00");
			await page.getByLabel("Reference", { exact: true }).fill("A-77");
			await button("Book MXN 10.00").evaluate((element: HTMLElement) => {
				element.click();
				element.click();
			});
			await told("The payment is booked.");
			expect((await story("C-ACTS")).payments).toMatchObject([{ reference: "A-77", amountMinor: 1000 }]);
			expect((await story("C-ACTS")).audit.some(({ actor }) => actor === `person/${agent.personId}`)).toBe(true);
		});

		it("on a page that is old is not sent: the page says so and shows what is", { timeout: 60_000 }, async () => {
			await open("C-STALE", "payment");
			await page.getByLabel("Reference", { exact: true }).fill("S-2");
			await stage.registry.admin.recordPayment("C-STALE", { reference: "S-1", amountMinor: 1000 });
			await button("Book MXN 10.00").click();
			await told("Something changed since you loaded this page, so nothing was sent.");
			expect((await story("C-STALE")).payments).toHaveLength(1);
			await button("Book MXN 10.00").click();
			await told("The payment is booked.");
			expect((await story("C-STALE")).payments).toHaveLength(2);
		});

		it("whose answer is lost is sent again as the same one", { timeout: 60_000 }, async () => {
			await open("C-STALE", "payment");
			await page.getByLabel("Reference", { exact: true }).fill("S-3");
			await page.route("**/v1/contracts/C-STALE/payments", async (route) => {
				await route.fetch();
				await route.abort();
			});
			await button("Book MXN 10.00").click();
			await page.getByText("Nobody answered, so it may have been done.").waitFor({ timeout: 15_000 });
			expect(await page.getByLabel("Reference", { exact: true }).isDisabled()).toBe(true);
			await page.unroute("**/v1/contracts/C-STALE/payments");
			await button("Send the same again").click();
			await told("This payment was booked before. Nothing was changed.");
			expect((await story("C-STALE")).payments.filter(({ reference }) => reference === "S-3")).toHaveLength(1);
		});
	});

	describe("restricting", () => {
		const ask = async (level: string, reason: string) => {
			await page.getByLabel(level).check();
			await page.getByLabel(reason).check();
			await page.getByLabel("Why, in your own words").fill("asked by the branch");
			await button("Check first").click();
		};

		it("is refused by the check, with the promise and its words, and cannot be pressed", { timeout: 60_000 }, async () => {
			await open("C-PAID", "restrict");
			await ask("Limited", "Payment overdue");
			await told("It would not be sent.");
			await told("Nothing is overdue on this contract.");
			await told("No lock before due date, grace and notices.");
			expect(await button("Restrict this phone…").getAttribute("aria-disabled")).toBe("true");
			await press("Restrict this phone…");
			expect(await page.getByRole("dialog").count()).toBe(0);
			await open("C-NEW", "restrict");
			await ask("Limited", "Fraud");
			await told("No phone has reported itself under this contract.");
			await press("Restrict this phone…");
			expect(await page.getByRole("dialog").count()).toBe(0);
		});

		it("needs a check of exactly this order, and the last digits of exactly this phone", { timeout: 60_000 }, async () => {
			await open("C-LATE", "restrict");
			await ask("Limited", "Payment overdue");
			await told("It would be sent. Whether the phone obeys, only the phone knows.");
			await page.getByLabel("Full").check();
			expect(await button("Restrict this phone…").getAttribute("aria-disabled")).toBe("true");
			await page.getByLabel("Limited").check();
			await button("Check first").click();
			await told("It would be sent.");
			await button("Restrict this phone…").click();
			const dialog = page.getByRole("dialog");
			await dialog.getByText("00-1001").waitFor();
			await dialog.getByText(`…${tailOf("C-LATE")}`).waitFor();
			await dialog.getByRole("textbox").fill("0000");
			expect(await dialog.getByRole("button", { name: "Yes, this phone" }).getAttribute("aria-disabled")).toBe("true");
			await dialog.getByRole("textbox").press("Enter");
			expect((await story("C-LATE")).orders.some(({ action }) => action === "restrict")).toBe(false);
			await confirmPhone("C-LATE");
			await told("The order was signed.");
			expect((await story("C-LATE")).orders[0]).toMatchObject({ action: "restrict", reason: "overdue", level: "limited" });
		});

		it("that the phone's floor stopped is shown with its promise", { timeout: 60_000 }, async () => {
			const sent = await stage.registry.admin.issueOrder("C-FLOOR", {
				action: "restrict",
				level: "limited",
				reason: "fraud",
				note: "found by the team",
			});
			const phone = phoneOf("C-FLOOR");
			const { epoch, sequence } = sent;
			phone.outcomes = [...phone.outcomes, { epoch, sequence, result: wire.OrderResult.ORDER_RESULT_BELOW_FLOOR, rule: "F3" }];
			phone.lastSequence = sequence;
			await stage.report(phone, { standing: STANDING_UNLOCKED });
			await agent.goto("?contract=C-FLOOR");
			await told("Stopped by a promise to the borrower");
			await told("F3: No lock before due date, grace and notices.");
		});
	});

	it("holds, notices, restores and service windows become orders", { timeout: 90_000 }, async () => {
		await open("C-ACTS", "hold");
		await page.getByLabel("Promise to pay").check();
		await page.locator("form").getByRole("button", { name: "Hold" }).click();
		await told("The order was signed.");
		await open("C-ACTS", "notice");
		await page.getByLabel("Information").check();
		await page.getByLabel("Text in Spanish").fill("Hola");
		await page.locator("form").getByRole("button", { name: "Send notice" }).click();
		await told("The order was signed.");
		await open("C-ACTS", "restore");
		await page.getByLabel("Our mistake").check();
		await page.locator("form").getByRole("button", { name: "Restore" }).click();
		await told("The order was signed.");
		await open("C-ACTS", "service");
		await page.locator("form").getByRole("button", { name: "Service window" }).click();
		await told("The order was signed.");
		const { orders, holds } = await story("C-ACTS");
		expect(orders.slice(0, 4).map(({ action }) => action)).toEqual(["service_window", "restore", "notice", "hold"]);
		expect(holds).toMatchObject([{ kind: "promise_to_pay", untilUnixSeconds: NOW + 5 * DAY, inForce: true }]);
	});

	it("a code is made for the number on the screen, and a misheard one is not sent", { timeout: 60_000 }, async () => {
		await open("C-ACTS", "code");
		const number = requestNumber({ counter: 1, nonce: 345 });
		const wrong = `${number.slice(0, 7)}${(Number(number[7]) + 1) % 10}`;
		await page.getByLabel("Request number", { exact: true }).fill(wrong);
		await told("One digit is wrong. Have it read out again.");
		await press("Make the code");
		expect((await story("C-ACTS")).codes).toEqual([]);
		await page.getByLabel("Request number", { exact: true }).fill(number);
		await button("Make the code").click();
		const code = await page.locator(".big-code").textContent();
		expect(code).toMatch(/^\d{4}-\d{4}-\d{4}-\d$/);
		await button("Read it out").click();
		await told("Group 1 of 4");
		expect(await page.locator(".aloud-digits").textContent()).toBe(code?.slice(0, 4).split("").join(" "));
		await button("Next group").click();
		await told("Group 2 of 4");
		// Fifteen days are paid for by the books after one instalment: the field began with them.
		expect((await story("C-ACTS")).codes).toMatchObject([{ kind: "set", value: 15 }]);
	});

	it("a contract is paid off only for the phone at hand, and gives its release code then", { timeout: 60_000 }, async () => {
		await open("C-END", "payoff");
		await told("By the books MXN 30.00 are still owed.");
		await page.getByLabel("Reference", { exact: true }).fill("END-1");
		await page.locator("form").getByRole("button", { name: "Paid off" }).click();
		await confirmPhone("C-END");
		await told("Paid off");
		await expect.poll(async () => (await story("C-END")).contract.state).toBe("paid_off");
		await open("C-END", "release-code");
		await button("Show the code").click();
		await confirmPhone("C-END");
		await told("Enter it on the phone. It frees the phone for ever.");
		expect(await page.getByRole("link", { name: "Restrict" }).count()).toBe(0);
	});

	describe("for a borrower who calls", () => {
		it("who paid and is locked, it finds out why and tells what to say", { timeout: 60_000 }, async () => {
			await open("C-STUCK", "paid-but-locked");
			await button("Find out").click();
			await told("What was found");
			await told(/By the books it is paid until/);
			await told(/The phone is locked \(overdue\)\./);
			await told("What to tell the borrower");
			await told("In the audit log as");
			expect(await page.locator(".outcome [lang=en]").count()).toBe(0);
		});

		it("who was locked in error, an appeal keeps orders away until it is decided", { timeout: 60_000 }, async () => {
			await open("C-ERROR", "locked-in-error");
			await page.getByLabel("IMEI of the phone in the borrower's hand").fill(phoneOf("C-ERROR").identity.imei1);
			await page.getByLabel("Proof of purchase").fill("Receipt 12");
			await button("Open the appeal").click();
			await told(/The appeal is open until/);
			await open("C-ERROR", "restrict");
			await page.getByLabel("Full").check();
			await page.getByLabel("Fraud").check();
			await page.getByLabel("Why, in your own words").fill("asked by the branch");
			await button("Check first").click();
			await told("An appeal about this phone is open.");
			await open("C-ERROR", "appeal");
			await page.getByLabel("The lock was wrong").check();
			await page.getByLabel("Why, in your own words").fill("the receipt is right");
			await page.locator("form").getByRole("button", { name: "Decide the appeal" }).click();
			await told(/The appeal was closed: The lock was wrong\./);
		});

		it("whose money is in clearing, new locks are held", { timeout: 60_000 }, async () => {
			await open("C-LATE", "in-clearing");
			await button("Hold new locks").click();
			await told(/Nothing new is locked until/);
			expect((await story("C-LATE")).holds).toMatchObject([{ kind: "clearing", inForce: true }]);
		});

		it("who returns the phone, it ends only for the phone in hand", { timeout: 60_000 }, async () => {
			await open("C-BACK", "return");
			await page.getByLabel("Number of the return slip").fill("R-1");
			await page.getByLabel("Last digits of the IMEI of the phone in your hand").fill("9999");
			await page.getByLabel("Why, in your own words").fill("moves abroad");
			await page.locator("form").getByRole("button", { name: "Wants to return the phone" }).click();
			await page.getByRole("alert").first().waitFor();
			expect((await story("C-BACK")).contract.state).toBe("open");
			await page.getByLabel("Last digits of the IMEI of the phone in your hand").fill(tailOf("C-BACK"));
			await page.locator("form").getByRole("button", { name: "Wants to return the phone" }).click();
			await expect.poll(async () => (await story("C-BACK")).contract.state).toBe("returned");
			await told(/The contract ended as returned\./);
		});
	});

	it("a file of payments is checked whole, by row and column, and booked only when it is right", {
		timeout: 60_000,
	}, async () => {
		await agent.goto("?view=payments");
		const give = (text: string) =>
			page.getByLabel("CSV file").setInputFiles({ name: "payments.csv", mimeType: "text/csv", buffer: Buffer.from(text) });
		await give(`contract,reference,amount\nC-PAID,F-1,10.00\nC-NONE,<img src=x>,"1,50"\n`);
		await button("Check the file").click();
		await told("Nothing was booked. Errors:");
		await page.getByRole("cell", { name: "B3" }).waitFor();
		await page.getByRole("cell", { name: "C3" }).waitFor();
		await told("This is not an amount. Write 1234.50");
		expect(await page.locator("main img").count()).toBe(0);
		expect(await button("Book the payments").getAttribute("aria-disabled")).toBe("true");
		await give("contract,reference,amount\nC-NONE,F-0,10.00\n");
		await button("Check the file").click();
		await told("There is no contract with this number.");
		await give("contract,reference,amount\nC-PAID,F-1,10.00\n");
		await button("Check the file").click();
		await told("The file is right. Nothing is booked yet.");
		await told("These contracts end by it, and their phones are set free:");
		await button("Book 1 payments").click();
		await told("The payments are booked.");
		expect((await story("C-PAID")).contract.state).toBe("paid_off");
	});

	describe("who may", () => {
		it("read only is shown no act, and the server refuses them all the same", { timeout: 60_000 }, async () => {
			const auditor = await stage.person(["auditor"]);
			await auditor.goto("?contract=C-LATE&act=restrict");
			await auditor.page.getByRole("heading", { name: "Contract C-LATE" }).waitFor();
			expect(await auditor.page.getByRole("button", { name: "Restrict" }).count()).toBe(0);
			expect(await auditor.page.getByRole("link", { name: "Payments" }).count()).toBe(0);
			const status = await auditor.page.evaluate(async () => {
				const response = await fetch("/v1/contracts/C-LATE/payoff", {
					method: "POST",
					headers: { "content-type": "application/json", "x-holdfast-request": "1" },
					body: '{"reference":"x"}',
				});
				return response.status;
			});
			expect(status).toBe(403);
			await auditor.close();
			await agent.goto("?view=people");
			await told("Your role does not open this view.");
		});

		it("beyond the breaker is two people: asked, agreed, then sent as it was", { timeout: 120_000 }, async () => {
			for (let index = 1; index <= 5; index += 1) {
				await stage.registry.admin
					.issueOrder("C-TWO", { action: "restrict", level: "limited", reason: "fraud", note: "a test", requestId: `t-${index}` })
					.catch(() => {});
			}
			await open("C-TWO", "restrict");
			await page.getByLabel("Limited").check();
			await page.getByLabel("Payment overdue").check();
			await page.getByLabel("Why, in your own words").fill("asked by the branch");
			await button("Check first").click();
			await told("This takes a second person.");
			await button("Restrict this phone…").click();
			await confirmPhone("C-TWO");
			await page.getByLabel("Why it is right").fill("the list was looked at");
			await button("Ask a second person").click();
			await told("Asked. Once somebody agreed, send it again here or under Approvals.");

			const second = await stage.person(["admin"]);
			await second.goto("?view=approvals");
			await told("Restrict a phone beyond the limit", second.page);
			await told("the list was looked at", second.page);
			await button("Agree", second.page).click();
			await told("Agreed", second.page);
			await second.close();

			const before = (await story("C-TWO")).orders.filter(({ reason }) => reason === "overdue").length;
			await agent.goto("?view=approvals");
			await button("Do it now").click();
			await expect
				.poll(async () => (await story("C-TWO")).orders.filter(({ reason }) => reason === "overdue").length)
				.toBe(before + 1);
		});

		it("run the registry holds for many, with the list as it was looked at and its number typed", {
			timeout: 60_000,
		}, async () => {
			const boss = await stage.person(["admin"]);
			await boss.goto("?view=fleet");
			await boss.page.getByLabel("Those in a list").check();
			await boss.page.getByLabel("Contract numbers").fill("C-XSS, C-YEN\nC-XSS");
			await button("Look at the list", boss.page).click();
			await told("Contracts in the list: 2", boss.page);
			await boss.page.getByLabel("Why, in your own words").fill("a flood");
			await boss.page.getByLabel("Type how many contracts").fill("3");
			await press("Hold for all of them", boss.page);
			await told("Type how many contracts the list has.", boss.page);
			await boss.page.getByLabel("Type how many contracts").fill("2");
			await button("Hold for all of them", boss.page).click();
			await told("Holds issued: 2 of 2", boss.page);
			expect((await story("C-YEN")).holds).toMatchObject([{ kind: "disaster", inForce: true }]);

			await boss.goto("?view=people");
			await boss.page.getByLabel("Name", { exact: true }).fill(`${XSS} ${"long ".repeat(8)}`);
			await boss.page.getByLabel(/^Agent/).check();
			await button("Invite", boss.page).click();
			await told("Hand this address over in person.", boss.page);
			expect(boss.complaints).toEqual([]);
			await boss.close();
		});
	});
});
