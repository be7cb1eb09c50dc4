import type { Finding } from "../../registry/support/support-request.ts";
import { timeText } from "./moment.ts";
import { moneyText } from "./money.ts";

/** Where the page's words for a value stand, by the value's name. */
const WORDS: Readonly<Record<string, string>> = {
	standing: "standing",
	causes: "cause",
	kind: "hold",
	reason: "reason",
	state: "state",
	outcome: "support",
};

/**
 * The values of a finding as its reader writes them: times with their zone, amounts with their currency, and the registry's own names in
 * the page's words.
 *
 * @param wordOf the page's word for a key, `undefined` where it has none.
 */
export function findingValues(
	{ values }: Finding,
	currency: string,
	language: string,
	wordOf: (key: string) => string | undefined,
): Record<string, string> {
	const said = (name: string, value: string | number): string => {
		if (typeof value === "number") {
			if (name === "until" || name === "at") return timeText(value, language);
			if (name.endsWith("Minor")) return moneyText(value, currency, language);
			return new Intl.NumberFormat(language).format(value);
		}
		const room = WORDS[name];
		if (room === undefined) return value;
		const names = value.split(", ");
		return names.map((each) => wordOf(`${room}.${each.replaceAll(" ", "_")}`) ?? each).join(", ");
	};
	return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, said(name, value)]));
}
