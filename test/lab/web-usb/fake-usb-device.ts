import { InTransfers, OutRules } from "./usb-framing.ts";

/** Bytes to and from an adbd. */
export interface BytePipe {
	send(data: Uint8Array): Promise<void>;
	close(): void;
	onData: (data: Uint8Array) => void;
	onClose: () => void;
}

/** What a test makes go wrong. Each holds until it is taken back, but for `stall`, which is for one transfer. */
export interface UsbTroubles {
	/** The adb server, or another tab, holds the interface. */
	readonly busy?: boolean;
	/** The system does not let the browser open the device. */
	readonly denied?: boolean;
	/** Opening never settles. */
	readonly openHangs?: boolean;
	/** Writing never settles. */
	readonly writeHangs?: boolean;
	/** Writing fails, and no event says why. */
	readonly writeFails?: boolean;
	/** The next transfer from the phone ends with this status, and no data. */
	readonly stall?: "stall" | "babble";
}

/** What a pulled cable shows first. Windows: failed transfers, then the event. */
export type UnplugOrder = "transfer-first" | "event-first";

interface PendingIn {
	readonly length: number;
	readonly resolve: (result: { status: USBTransferStatus; data?: DataView }) => void;
	readonly reject: (error: unknown) => void;
}

interface FakeInterface {
	readonly interfaceNumber: number;
	readonly alternate: object;
	readonly alternates: readonly object[];
	claimed: boolean;
}

const OUT = 2;
const IN = 3;
const ADB_INTERFACE = 1;
/** How long after failed transfers the event comes. */
const EVENT_AFTER_MS = 20;

/**
 * A phone as a browser shows it: what Tango touches of a `USBDevice`, with its bulk endpoints on a pipe to an adbd. It models what
 * USB has and TCP lacks: the bounds of transfers, empty packets, one claimer, transfers that fail when the cable is pulled. Runs in
 * Node and in a page.
 */
export class FakeUsbDevice {
	readonly productId = 0xff48;
	readonly manufacturerName = "Xiaomi";
	readonly configurations: readonly { readonly configurationValue: number; readonly interfaces: readonly FakeInterface[] }[];
	configuration: (typeof this.configurations)[number] | undefined;
	opened = false;
	troubles: UsbTroubles = {};
	/** Rules of USB that the host broke. */
	readonly violations: string[] = [];
	/** Told of each, where somebody keeps them beyond the page. */
	onViolation: (rule: string) => void = () => {};
	/** Told when the cable is out. */
	onGone: () => void = () => {};

	readonly #openPipe: () => Promise<BytePipe>;
	/** A connection that broke off in the middle does not count against the next one. */
	#rules: OutRules;
	readonly #packetSize: number;
	#pipe: BytePipe | undefined;
	#incoming = new InTransfers();
	#transfers: Uint8Array[] = [];
	#pending: PendingIn[] = [];
	#gone = false;

	constructor(
		readonly serialNumber: string | undefined,
		openPipe: () => Promise<BytePipe>,
		readonly productName = "Redmi",
		readonly vendorId = 0x2717,
		packetSize = 512,
	) {
		this.#openPipe = openPipe;
		this.#packetSize = packetSize;
		this.#rules = this.#newRules();
		const bulk = (inNumber: number, outNumber: number, interfaceClass: number, interfaceSubclass: number) => ({
			alternateSetting: 0,
			interfaceClass,
			interfaceSubclass,
			interfaceProtocol: 1,
			endpoints: [
				{ endpointNumber: outNumber, direction: "out", type: "bulk", packetSize },
				{ endpointNumber: inNumber, direction: "in", type: "bulk", packetSize },
			],
		});
		const alternates = [bulk(1, 1, 6, 1), bulk(IN, OUT, 0xff, 0x42)];
		const interfaces = alternates.map((alternate, interfaceNumber) => ({
			interfaceNumber,
			alternate,
			alternates: [alternate],
			claimed: false,
		}));
		this.configurations = [{ configurationValue: 1, interfaces }];
	}

	get isGone(): boolean {
		return this.#gone;
	}

	async open(): Promise<void> {
		this.#demandPresent();
		if (this.troubles.openHangs) await new Promise(() => {});
		if (this.troubles.denied) throw new DOMException("Access denied.", "SecurityError");
		this.opened = true;
		this.configuration ??= this.configurations[0];
	}

	async selectConfiguration(value: number): Promise<void> {
		this.#demandPresent();
		this.configuration = this.configurations.find(({ configurationValue }) => configurationValue === value);
	}

	async claimInterface(number: number): Promise<void> {
		this.#demandPresent();
		if (!this.opened) throw new DOMException("The device must be opened first.", "InvalidStateError");
		if (this.troubles.busy) throw new DOMException("Unable to claim interface.", "NetworkError");
		const pipe = await this.#openPipe();
		pipe.onData = (data) => {
			if (this.#pipe !== pipe) return;
			this.#transfers.push(...this.#incoming.add(data));
			this.#answer();
		};
		// adbd hung up: a phone whose debugging was switched off leaves the bus.
		pipe.onClose = () => {
			if (this.#pipe === pipe) this.unplug();
		};
		this.#rules = this.#newRules();
		this.#incoming = new InTransfers();
		this.#transfers = [];
		this.#pipe = pipe;
		this.#setClaimed(number, true);
	}

	async selectAlternateInterface(): Promise<void> {}

	async releaseInterface(number: number): Promise<void> {
		this.#setClaimed(number, false);
		this.#drop("AbortError");
	}

	async close(): Promise<void> {
		this.opened = false;
		this.#setClaimed(ADB_INTERFACE, false);
		this.#drop("AbortError");
	}

	async transferOut(number: number, data: Uint8Array): Promise<{ bytesWritten: number; status: "ok" }> {
		this.#demandPresent();
		if (number !== OUT || !this.#pipe) throw new DOMException("The interface is not claimed.", "InvalidStateError");
		if (this.troubles.writeHangs) await new Promise(() => {});
		if (this.troubles.writeFails) throw new DOMException("A transfer error has occurred.", "NetworkError");
		this.#rules.check(data);
		if (data.length > 0) await this.#pipe.send(data.slice()); // a copy: the caller may use its buffer again
		return { bytesWritten: data.length, status: "ok" };
	}

	async transferIn(number: number, length: number): Promise<{ status: USBTransferStatus; data?: DataView }> {
		this.#demandPresent();
		if (number !== IN || !this.#pipe) throw new DOMException("The interface is not claimed.", "InvalidStateError");
		return new Promise((resolve, reject) => {
			this.#pending.push({ length, resolve, reject });
			this.#answer();
		});
	}

	/** Sets what goes wrong; a stall ends a transfer that is waiting. */
	setTroubles(troubles: UsbTroubles): void {
		this.troubles = troubles;
		this.#answer();
	}

	/** The cable is pulled. */
	unplug(order: UnplugOrder = "transfer-first"): void {
		if (this.#gone) return;
		this.#gone = true;
		this.opened = false;
		this.#setClaimed(ADB_INTERFACE, false);
		if (order === "event-first") {
			this.onGone();
			this.#drop("NotFoundError");
		} else {
			this.#drop("NetworkError");
			setTimeout(() => this.onGone(), EVENT_AFTER_MS);
		}
	}

	#answer(): void {
		while (this.#pending[0]) {
			const { stall, ...others } = this.troubles;
			const [first] = this.#transfers;
			if (!stall && !first) return;
			const { length, resolve } = this.#pending.shift() as PendingIn; // looked at in the loop's head
			if (stall) {
				this.troubles = others;
				resolve({ status: stall });
			} else if (first) {
				if (first.length > length) this.#transfers[0] = first.slice(length);
				else this.#transfers.shift();
				resolve({ status: "ok", data: new DataView(first.slice(0, length).buffer) });
			}
		}
	}

	#newRules(): OutRules {
		return new OutRules(this.#packetSize, (rule) => {
			this.violations.push(rule);
			this.onViolation(rule);
		});
	}

	#demandPresent(): void {
		if (this.#gone) throw new DOMException("The device was disconnected.", "NotFoundError");
	}

	#setClaimed(number: number, claimed: boolean): void {
		const found = this.configurations[0]?.interfaces[number];
		if (found) found.claimed = claimed;
	}

	#drop(errorName: string): void {
		const pipe = this.#pipe;
		this.#pipe = undefined;
		pipe?.close();
		for (const { reject } of this.#pending.splice(0)) reject(new DOMException("The transfer was cancelled.", errorName));
	}
}
