import { luhnDigit } from "../../../../proto/imei.ts";

/** An IMEI with a valid check digit that is the same in every run, and that no counter of another test reaches. */
export function imeiOf(number: number): string {
	const first14 = `3599${String(number).padStart(10, "0")}`;
	return `${first14}${luhnDigit(first14)}`;
}
