import fc from "fast-check";
import { describe, expect, it } from "vitest";

import {
	type ContractForm,
	dueDates,
	minorDigits,
	minorOf,
	readContractForm,
} from "../../../../provisioning/web/desk/contract-form.ts";

const FORM: ContractForm = {
	contractId: "C-1",
	account: "",
	imei: "",
	lenderName: "Banco de Prueba",
	supportPhone: "+52 55 1234-5678",
	payUrl: "",
	currency: "mxn",
	jurisdiction: "MX",
	amount: "1,250.50",
	count: "3",
	firstDue: "2027-01-31",
	every: "month",
	language: "es",
};

describe("a contract as a clerk types it", () => {
	it("becomes a request: minor units, plain numbers, the borrower's language first", () => {
		const read = readContractForm(FORM);
		expect(read).toMatchObject({
			request: {
				contractId: "C-1",
				terms: {
					accountShown: "C-1",
					currency: "MXN",
					contact: { supportPhone: "+525512345678" },
					languages: ["es", "en"],
					jurisdiction: "MX",
				},
			},
		});
		expect("request" in read && read.request.terms.instalments.map(({ amountMinor }) => amountMinor)).toEqual([
			125_050, 125_050, 125_050,
		]);
		expect(read).not.toHaveProperty("request.imeis");
	});

	it.each([
		["contractId", "a b"],
		["imei", "869409000000020"],
		["lenderName", " "],
		["supportPhone", "5512345678"],
		["payUrl", "http://lender.example"],
		["currency", "pesos"],
		["jurisdiction", "XX"],
		["amount", "0"],
		["count", "121"],
		["firstDue", ""],
	] as const)("names %s when it is %j", (name, text) => {
		expect(readContractForm({ ...FORM, [name]: text })).toEqual({ problems: [name] });
	});

	it("reads amounts with either sign for thousands, and never guesses", () => {
		expect(["1250.5", "1,250.50", "1.250,50", "1 250,5", "1'250.50"].map((text) => minorOf(text, 2))).toEqual(
			Array(5).fill(125_050),
		);
		expect(["", "-5", "1.2.3", "12.345,678", "1e3", "0", "0.00"].map((text) => minorOf(text, 2))).toEqual(
			Array(7).fill(undefined),
		);
		expect(minorOf("1,500", 2)).toBe(150_000);
		expect([minorOf("1.500", 3), minorOf("1.50", 3), minorOf("1500", 3)]).toEqual([undefined, 1500, 1_500_000]);
		expect(minorOf("1500", minorDigits("JPY") ?? 9)).toBe(1500);
		expect(minorOf("1500.50", minorDigits("JPY") ?? 9)).toBeUndefined();
	});

	it("gives back every amount that it wrote", () => {
		fc.assert(
			fc.property(fc.integer({ min: 1, max: 1_000_000_000 }), (minor) => {
				const text = `${Math.floor(minor / 100)}.${String(minor % 100).padStart(2, "0")}`;
				expect(minorOf(text, 2)).toBe(minor);
			}),
		);
	});

	it("puts a due date on the last day of a month that is too short, and keeps them in order", () => {
		const days = dueDates("2027-01-31", "month", 4).map((seconds) => new Date(seconds * 1000).getDate());
		expect(days).toEqual([31, 28, 31, 30]);
		fc.assert(
			fc.property(
				fc.date({ min: new Date("2026-01-01"), max: new Date("2040-01-01"), noInvalidDate: true }),
				fc.constantFrom("week" as const, "two-weeks" as const, "month" as const),
				fc.integer({ min: 1, max: 120 }),
				(date, every, count) => {
					const dues = dueDates(date.toISOString().slice(0, 10), every, count);
					expect(dues).toHaveLength(count);
					expect(dues.every((due, index) => index === 0 || due > (dues[index - 1] ?? due))).toBe(true);
				},
			),
		);
	});
});
