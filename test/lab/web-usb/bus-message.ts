import type { UnplugOrder, UsbTroubles } from "./fake-usb-device.ts";

/** Where a page finds the bus: beside everything else of its own origin, so that the page's policy allows it. */
export const BUS_PATH = "/usb-bus";

/** A phone in the computer's USB port, as pages are told of it. */
export interface BusDevice {
	/** Another one each time that it is plugged in. */
	readonly id: number;
	readonly serial: string | undefined;
	readonly productName: string;
	readonly vendorId: number;
	/** The site was given it. */
	readonly isGranted: boolean;
	readonly troubles: UsbTroubles;
}

/** From the bus to a page. */
export type BusMessage =
	| { readonly type: "devices"; readonly devices: readonly BusDevice[]; readonly order: UnplugOrder }
	| { readonly type: "told"; readonly id: number }
	| { readonly type: "picked"; readonly id: number | undefined };

/** From a page to the bus. */
export type PageMessage =
	/** Is answered by "told" after all that the bus has said until now. */
	| { readonly type: "tell"; readonly id: number }
	| { readonly type: "pick"; readonly offered: readonly number[] }
	| { readonly type: "violation"; readonly rule: string };
