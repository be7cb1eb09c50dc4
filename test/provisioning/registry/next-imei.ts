import { luhnDigit } from "../../../proto/imei.ts";

let serial = 0;

/** Another IMEI each time, with a valid check digit. */
export function nextImei(): string {
	serial += 1;
	const first14 = `35${String(serial).padStart(12, "0")}`;
	return `${first14}${luhnDigit(first14)}`;
}
