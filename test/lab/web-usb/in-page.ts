/** Replaces `navigator.usb` before a page's own scripts run: its phones are on a bus at the other end of a WebSocket. */
import { BUS_PATH, type BusDevice, type BusMessage, type PageMessage } from "./bus-message.ts";
import { FakeUsb } from "./fake-usb.ts";
import { type BytePipe, FakeUsbDevice } from "./fake-usb-device.ts";

const HIGH_WATER = 4 << 20;
const bus = `ws://${location.host}${BUS_PATH}`;

function pipeTo(id: number): () => Promise<BytePipe> {
	return async () => {
		const socket = new WebSocket(`${bus}/${id}`);
		socket.binaryType = "arraybuffer";
		await new Promise<void>((resolve, reject) => {
			socket.onopen = () => resolve();
			// Somebody else has it: another tab.
			socket.onerror = () => reject(new DOMException("Unable to claim interface.", "NetworkError"));
		});
		const pipe: BytePipe = {
			onData() {},
			onClose() {},
			close: () => socket.close(),
			async send(data) {
				socket.send(new Uint8Array(data));
				while (socket.bufferedAmount > HIGH_WATER) await new Promise((resolve) => setTimeout(resolve, 1));
			},
		};
		socket.onmessage = ({ data }) => pipe.onData(new Uint8Array(data as ArrayBuffer)); // by its binaryType
		socket.onclose = () => pipe.onClose();
		return pipe;
	};
}

class BusUsb extends FakeUsb {
	/** The first list of phones is here. */
	readonly ready: Promise<void>;
	readonly #present = new Map<number, FakeUsbDevice>();
	readonly #control = new WebSocket(bus);
	readonly #asked: (() => void)[] = [];
	#picked: (id: number | undefined) => void = () => {};

	constructor() {
		super();
		let isReady = () => {};
		this.ready = new Promise((resolve) => {
			isReady = resolve;
		});
		this.#control.onmessage = ({ data }) => {
			const message = JSON.parse(String(data)) as BusMessage; // our own bus
			if (message.type === "picked") this.#picked(message.id);
			else if (message.type === "told") this.#asked[message.id]?.();
			else {
				this.#follow(message);
				isReady();
			}
		};
		this.pick = async (offered) => {
			const ids = [...this.#present].flatMap(([id, device]) => (offered.includes(device) ? [id] : []));
			const picked = new Promise<number | undefined>((resolve) => {
				this.#picked = resolve;
			});
			this.#tell({ type: "pick", offered: ids });
			const id = await picked;
			return id === undefined ? undefined : this.#present.get(id);
		};
	}

	override async getDevices(): Promise<FakeUsbDevice[]> {
		await this.#upToDate();
		return super.getDevices();
	}

	override async requestDevice(options: { filters: readonly USBDeviceFilter[] }): Promise<FakeUsbDevice> {
		await this.#upToDate();
		return super.requestDevice(options);
	}

	/** A phone that is in the port is seen, however slow the way from there. */
	async #upToDate(): Promise<void> {
		await this.ready;
		await new Promise<void>((resolve) => this.#tell({ type: "tell", id: this.#asked.push(resolve) - 1 }));
	}

	#tell(message: PageMessage): void {
		this.#control.send(JSON.stringify(message));
	}

	#follow({ devices, order }: BusMessage & { type: "devices" }): void {
		for (const [id, device] of this.#present) {
			if (devices.some((each) => each.id === id)) continue;
			this.#present.delete(id);
			device.unplug(order);
		}
		for (const wanted of devices) this.#meet(wanted);
	}

	#meet({ id, serial, productName, vendorId, isGranted, troubles }: BusDevice): void {
		const known = this.#present.get(id);
		if (known) {
			known.setTroubles(troubles);
			if (isGranted) this.granted.add(known);
			else this.granted.delete(known);
			return;
		}
		const device = new FakeUsbDevice(serial, pipeTo(id), productName, vendorId);
		device.setTroubles(troubles);
		device.onViolation = (rule) => this.#tell({ type: "violation", rule });
		this.#present.set(id, device);
		this.plug(device, { granted: isGranted });
	}
}

// An own property of the instance shadows the getter of Navigator.prototype.
Object.defineProperty(navigator, "usb", { value: new BusUsb(), configurable: true });
