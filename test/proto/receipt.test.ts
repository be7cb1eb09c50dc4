import { expect, it } from "vitest";

import { encode } from "../../proto/codec.ts";
import { PayloadType, seal, wrap } from "../../proto/envelope.ts";
import { nobleCrypto } from "../../proto/noble-crypto.ts";
import { acceptReceipt } from "../../proto/receipt.ts";
import { wire } from "../../proto/wire.ts";
import { expectRefusal } from "./expect-refusal.ts";
import { newSigner } from "./test-signer.ts";

const device = newSigner();
const receipt = { deviceId: "d", contractId: "c", devicePublicKey: device.publicKey, imeis: ["490154203237518"] };

it("a receipt is accepted from the key that it names", async () => {
	const bytes = await seal(wire.BindingReceipt, PayloadType.bindingReceipt, receipt, [device]);
	expect(acceptReceipt(nobleCrypto, bytes)).toMatchObject(receipt);
});

it("a receipt is refused from any other key, under whatever id", async () => {
	const other = newSigner();
	for (const signer of [other, { ...other, keyid: device.keyid }]) {
		const bytes = await seal(wire.BindingReceipt, PayloadType.bindingReceipt, receipt, [signer]);
		expectRefusal("THRESHOLD_NOT_MET", () => acceptReceipt(nobleCrypto, bytes));
	}
});

it("a receipt that names no key is refused, not trusted by nobody's signature", async () => {
	const payload = encode(wire.BindingReceipt, { ...receipt, devicePublicKey: new Uint8Array() });
	const bytes = wrap(PayloadType.bindingReceipt, payload, "e3b0c44298fc1c149afbf4c8996fb924", new Uint8Array(64).fill(1));
	expectRefusal("THRESHOLD_NOT_MET", () => acceptReceipt(nobleCrypto, bytes));
});

it("a receipt signed as something else is refused", async () => {
	const bytes = await seal(wire.BindingReceipt, PayloadType.checkIn, receipt, [device]);
	expectRefusal("WRONG_TYPE", () => acceptReceipt(nobleCrypto, bytes));
});
