import type { FakeUsbDevice } from "./fake-usb-device.ts";

/** `navigator.usb`: the phones that this site was given, and a person at the browser's list. Runs in Node and in a page. */
export class FakeUsb extends EventTarget {
	/** Plugged in. */
	readonly devices: FakeUsbDevice[] = [];
	/** Plugged in and given to this site. */
	readonly granted = new Set<FakeUsbDevice>();
	/** What the person chooses; `undefined`: closes the list. */
	pick: (offered: readonly FakeUsbDevice[]) => Promise<FakeUsbDevice | undefined> | FakeUsbDevice | undefined = ([first]) =>
		first;
	/** The filters of the last list. */
	filters: readonly USBDeviceFilter[] = [];

	async getDevices(): Promise<FakeUsbDevice[]> {
		return this.devices.filter((device) => this.granted.has(device));
	}

	async requestDevice({ filters }: { filters: readonly USBDeviceFilter[] }): Promise<FakeUsbDevice> {
		this.filters = filters;
		const offered = this.devices.filter((device) =>
			filters.some(({ vendorId }) => vendorId === undefined || vendorId === device.vendorId),
		);
		const device = await this.pick(offered);
		if (!device) throw new DOMException("No device selected.", "NotFoundError");
		this.granted.add(device);
		return device;
	}

	/** The cable goes in. A site is told of phones that it was given. */
	plug(device: FakeUsbDevice, { granted = true }: { granted?: boolean } = {}): void {
		device.onGone = () => this.#remove(device);
		this.devices.push(device);
		if (!granted) return;
		this.granted.add(device);
		this.dispatchEvent(Object.assign(new Event("connect"), { device }));
	}

	#remove(device: FakeUsbDevice): void {
		const at = this.devices.indexOf(device);
		if (at < 0) return;
		this.devices.splice(at, 1);
		if (this.granted.delete(device)) this.dispatchEvent(Object.assign(new Event("disconnect"), { device }));
	}
}

/** As a page sees it: the fake has only what our code and Tango touch. */
export function asUsb(usb: FakeUsb): USB {
	return usb as unknown as USB;
}
