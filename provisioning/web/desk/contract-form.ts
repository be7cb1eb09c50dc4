import { parseImei } from "../../../proto/imei.ts";
import type { ContractRequest } from "../../registry/contracts/contract-request.ts";

/** A contract as a clerk types it. */
export interface ContractForm {
	readonly contractId: string;
	readonly account: string;
	readonly imei: string;
	readonly lenderName: string;
	readonly supportPhone: string;
	readonly payUrl: string;
	readonly currency: string;
	readonly jurisdiction: string;
	/** In the currency's major unit, as typed. */
	readonly amount: string;
	readonly count: string;
	/** `YYYY-MM-DD`. */
	readonly firstDue: string;
	readonly every: Every;
	readonly language: string;
}

export const EVERY = ["week", "two-weeks", "month"] as const;
export type Every = (typeof EVERY)[number];

/** Places that have rules of their own: ids of jurisdiction profiles. */
export const PLACES = ["default", "IN", "MX", "ID", "BR", "KE"] as const;

export type FormProblem = keyof ContractForm;

/**
 * A request from what was typed, but for the consent.
 *
 * @returns the fields that cannot be right, in the order of the form, if there are any.
 */
export function readContractForm(
	form: ContractForm,
): { readonly request: Omit<ContractRequest, "consent"> } | { readonly problems: readonly FormProblem[] } {
	const text = (name: FormProblem) => form[name].trim();
	const imei = text("imei") === "" ? undefined : parseImei(text("imei"));
	const digits = minorDigits(text("currency"));
	const amountMinor = minorOf(text("amount"), digits ?? 2);
	const count = Number(text("count"));
	const isCount = Number.isInteger(count) && count >= 1 && count <= 120;
	const dues = dueDates(text("firstDue"), form.every, isCount ? count : 1);
	const isRight: Readonly<Record<FormProblem, boolean>> = {
		contractId: /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(text("contractId")),
		account: text("account").length <= 40,
		imei: imei === undefined || "imei" in imei,
		lenderName: text("lenderName") !== "" && text("lenderName").length <= 80,
		supportPhone: /^\+[0-9]{6,15}$/.test(phone(text("supportPhone"))),
		payUrl: text("payUrl") === "" || isWebAddress(text("payUrl")),
		currency: digits !== undefined,
		jurisdiction: PLACES.some((place) => place === form.jurisdiction),
		amount: amountMinor !== undefined,
		count: isCount,
		firstDue: dues.length > 0,
		every: true,
		language: true,
	};
	const problems = (Object.keys(isRight) as FormProblem[]).filter((name) => !isRight[name]); // its own keys
	if (problems.length > 0 || amountMinor === undefined) return { problems };
	return {
		request: {
			contractId: text("contractId"),
			...(imei && "imei" in imei ? { imeis: [imei.imei] } : {}),
			terms: {
				lenderName: text("lenderName"),
				accountShown: text("account") === "" ? text("contractId").slice(0, 40) : text("account"),
				currency: text("currency").toUpperCase(),
				instalments: dues.map((dueAtUnixSeconds) => ({ dueAtUnixSeconds, amountMinor })),
				contact: {
					supportPhone: phone(text("supportPhone")),
					...(text("payUrl") === "" ? {} : { payUrl: text("payUrl") }),
				},
				languages: form.language === "en" ? ["en"] : [form.language, "en"],
				jurisdiction: form.jurisdiction,
			},
		},
	};
}

/** How many digits of a currency stand after the point; `undefined` for what is no currency. */
export function minorDigits(currency: string): number | undefined {
	if (!/^[A-Za-z]{3}$/.test(currency)) return undefined;
	return new Intl.NumberFormat("en", { style: "currency", currency }).resolvedOptions().maximumFractionDigits;
}

/**
 * `1,250.50` or `1250,5` in the minor unit. What can be read in two ways is not read at all; the terms show what was read.
 */
export function minorOf(text: string, digits: number): number | undefined {
	const plain = text.replaceAll(/[\s'’]/g, "");
	const parts = /^(\d{1,3}(?:([.,])\d{3}(?:\2\d{3})*)|\d+)(?:([.,])(\d{1,2}))?$/.exec(plain);
	const [, whole = "", thousands, point, fraction = ""] = parts ?? [];
	if (whole === "" || fraction.length > digits) return undefined;
	if (thousands !== undefined && (thousands === point || (digits === 3 && point === undefined))) return undefined;
	const minor = Number(whole.replaceAll(/[.,]/g, "") + fraction.padEnd(digits, "0"));
	return Number.isSafeInteger(minor) && minor > 0 && minor <= 1_000_000_000_000 ? minor : undefined;
}

/** Last second of each day on which something is due, by the shop's own clock. Months that are too short give their last day. */
export function dueDates(first: string, every: Every, count: number): readonly number[] {
	const parts = /^(\d{4})-(\d{2})-(\d{2})$/.exec(first);
	if (!parts || !(count >= 1 && count <= 120)) return [];
	const [year = 0, month = 1, day = 1] = parts.slice(1).map(Number);
	return Array.from({ length: Math.trunc(count) }, (_, index) => {
		const step = every === "week" ? 7 : 14;
		const date =
			every === "month"
				? new Date(year, month - 1 + index, Math.min(day, new Date(year, month + index, 0).getDate()), 23, 59, 59)
				: new Date(year, month - 1, day + index * step, 23, 59, 59);
		return Math.floor(date.getTime() / 1000);
	});
}

const phone = (text: string) => text.replaceAll(/[\s()-]/g, "");

function isWebAddress(text: string): boolean {
	return text.length <= 300 && /^https:\/\//.test(text) && URL.canParse(text);
}
