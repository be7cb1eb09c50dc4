import { type Imei, imeiTail, parseImei } from "../../proto/imei.ts";
import { type Fault, fault } from "./fault.ts";
import { readParcelString } from "./parcel.ts";

/** Everything on a phone that may tell its IMEIs, as it was printed. */
export interface ImeiSources {
	readonly props: ReadonlyMap<string, string>;
	/** Output of `service call iphonesubinfo` for each slot, asked with {@link subscriberInfoCode}. */
	readonly subscriberInfo: readonly string[];
	/** Output of `tradeinmode getstatus`, where there is one. */
	readonly tradeIn?: string;
}

/** The IMEIs of a phone in slot order, or the fault that keeps them from us. */
export interface ImeiReading {
	readonly imei1?: Imei;
	readonly imei2?: Imei;
	/** Which sources told them, most trusted first. */
	readonly sources: readonly string[];
	/** IMEI_UNREADABLE or IMEI_INVALID. With one of these no IMEI is given. */
	readonly fault?: Fault;
}

/** One source's answer: what it gave for each slot. */
interface Witness {
	readonly name: string;
	readonly slots: readonly string[];
}

/** Properties that carry IMEIs, by the name for each slot; the last column is the name without a slot, for one SIM. */
const PROPERTIES: readonly (readonly [string, readonly string[], string])[] = [
	["ro.ril.miui.imei", ["ro.ril.miui.imei0", "ro.ril.miui.imei1"], "ro.ril.miui.imei"],
	["ro.ril.oem.imei", ["ro.ril.oem.imei1", "ro.ril.oem.imei2"], "ro.ril.oem.imei"],
	["persist.radio.imei", ["persist.radio.imei1", "persist.radio.imei2"], "persist.radio.imei"],
];

/**
 * Transaction that returns the device id of a slot: `getDeviceIdForPhone` of IPhoneSubInfo. 3 up to Android 10, 4 from
 * Android 11 on; the same is expected of 15 and 16.
 */
export function subscriberInfoCode(sdk: number): number {
	return sdk >= 30 ? 4 : 3;
}

/**
 * Reads both IMEIs from every source, and requires that the sources agree: properties can be forged on a rooted phone, so a
 * contradiction is a finding and not a choice. Empty answers and refusals are no contradiction. The agent's own reading,
 * compared later, is the authority.
 */
export function readImeis({ props, subscriberInfo, tradeIn }: ImeiSources): ImeiReading {
	const parcels = subscriberInfo.map(readParcelString);
	const witnesses = [
		{ name: "iphonesubinfo", slots: parcels.map((parcel) => ("value" in parcel ? (parcel.value ?? "") : "")) },
		...PROPERTIES.map(([name, slots, single]) => {
			const values = slots.map((slot) => props.get(slot) ?? "");
			return { name, slots: values.every(isBlank) ? [props.get(single) ?? ""] : values };
		}),
		{ name: "tradeinmode", slots: tradeInImeis(tradeIn) },
	].map(({ name, slots }) => ({ name, slots: distinct(slots.map((slot) => slot.trim()).filter((slot) => !isBlank(slot))) }));
	const heard = witnesses.filter(({ slots }) => slots.length > 0);
	const sources = heard.map(({ name }) => name);
	if (heard.length === 0)
		return {
			sources,
			fault: fault("IMEI_UNREADABLE", { raw: refusals(subscriberInfo, parcels) }),
		};

	const problem = heard.map(firstProblem).find((found) => found !== undefined);
	if (problem) return { sources, fault: fault("IMEI_INVALID", { details: problem }) };
	const fullest = heard.reduce((best, next) => (next.slots.length > best.slots.length ? next : best));
	const contradiction = heard.find(({ slots }) => slots.some((slot) => !fullest.slots.includes(slot)));
	if (contradiction || fullest.slots.length > 2) {
		const other = contradiction ?? fullest;
		return {
			sources,
			fault: fault("IMEI_INVALID", {
				details: { problem: "the sources differ", ...shown(fullest), ...shown(other) },
			}),
		};
	}
	const [imei1, imei2] = fullest.slots.flatMap((slot) => {
		const parsed = parseImei(slot);
		return "imei" in parsed ? [parsed.imei] : [];
	});
	return { ...(imei1 ? { imei1 } : {}), ...(imei2 ? { imei2 } : {}), sources };
}

/** No number, as phones say it; and a MEID, which has 14 hex digits and names the same radio in another way. */
function isBlank(value: string): boolean {
	return /^(?:|null|unknown|none|0|N\/A|[0-9A-Fa-f]{14})$/i.test(value.trim());
}

function firstProblem({ name, slots }: Witness): Record<string, string> | undefined {
	for (const slot of slots) {
		const parsed = parseImei(slot);
		if ("problem" in parsed) return { problem: parsed.problem, source: name, "last digits": imeiTail(slot) };
	}
	return undefined;
}

function shown({ name, slots }: Witness): Record<string, string> {
	return { [name]: slots.map((slot) => `…${imeiTail(slot)}`).join(", ") };
}

function distinct(values: readonly string[]): string[] {
	return [...new Set(values)];
}

function refusals(printed: readonly string[], parcels: readonly ReturnType<typeof readParcelString>[]): string {
	return parcels
		.map((parcel, slot) => {
			if ("refused" in parcel) return `slot ${slot}: ${parcel.refused}`;
			if ("malformed" in parcel) return `slot ${slot}: ${parcel.malformed}`;
			return `slot ${slot}: ${parcel.value ?? printed[slot]?.trim() ?? ""}`;
		})
		.join("\n");
}

/** IMEIs anywhere in the trade-in status: its shape is documented for `imeis`, and unproven on a phone. */
function tradeInImeis(text: string | undefined): string[] {
	if (text === undefined || !text.trimStart().startsWith("{")) return [];
	try {
		return collect(JSON.parse(text), false, 4);
	} catch {
		return [];
	}
}

function collect(value: unknown, named: boolean, depth: number): string[] {
	if (typeof value === "string") return named ? [value] : [];
	if (typeof value !== "object" || value === null || depth === 0) return [];
	return Object.entries(value).flatMap(([name, inner]) => collect(inner, named || /^imei(?:s|_?\d)?$/i.test(name), depth - 1));
}
