import { readFacts } from "../../../handset/facts.ts";
import { identityOf } from "../../../procedure/identity.ts";
import type { HandsetIdentity } from "../../../procedure/registry-port.ts";
import type { UsbHandset } from "../../../transport/web-usb.ts";
import { webUsbKeyStore } from "../../../transport/web-usb-key-store.ts";

/**
 * Who the phone on the cable is: what a box may have wrong. Changes nothing on it.
 *
 * @throws {FaultError} what opening throws; IMEI_UNREADABLE, IMEI_INVALID, HANDSET_BOOTING.
 */
export async function identityOn(handset: UsbHandset, onAllowNeeded: () => void): Promise<HandsetIdentity> {
	const port = await handset.open({ credentials: webUsbKeyStore("Holdfast desk"), onAuthorizationNeeded: onAllowNeeded });
	try {
		return identityOf(await readFacts(port));
	} finally {
		await port.close();
	}
}
