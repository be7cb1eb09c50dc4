import type { Imei } from "../../proto/imei.ts";

/** One phone of a batch, as the manifest names it. */
export interface Unit {
	/** Contract number: names the unit within its batch. */
	readonly contractId: string;
	/** IMEIs on the box, one or two. Either slot of the phone may hold either. */
	readonly imeis: readonly [Imei, ...Imei[]];
	/** Serial number on the box. With it, and every IMEI, a voucher can be fetched ahead. */
	readonly serial?: string;
	readonly model?: string;
	/** Row of the manifest as a spreadsheet counts: the header is 1. */
	readonly row: number;
}
