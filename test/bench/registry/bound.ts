// What the cryptography of a check-in alone allows: verify one signature of a phone, make one of ours, again and again, on one core.
// Told how long; answers how many a second.
import { createHash } from "node:crypto";
import { createInterface } from "node:readline";

import { makeKey } from "../../../provisioning/registry/keys/key-file.ts";
import { createNodeCrypto } from "../../../provisioning/registry/node-crypto.ts";

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const { milliseconds }: { milliseconds: number } = JSON.parse((await lines.next()).value ?? "{}");
const crypto = createNodeCrypto();
const phones = Array.from({ length: 200 }, () => makeKey(crypto).signer);
const ours = makeKey(crypto).signer;
const message = createHash("sha512").update("a check-in").digest();
const signed = await Promise.all(phones.map(async (phone) => ({ phone, signature: await phone.sign(message) })));
let pairs = 0;
const startedAt = performance.now();
while (performance.now() - startedAt < milliseconds) {
	for (const { phone, signature } of signed) {
		if (!crypto.verifyP256(phone.publicKey, message, signature)) throw new Error("a good signature was refused");
		await ours.sign(message);
		pairs += 1;
	}
}
process.stdout.write(`${JSON.stringify({ perSecond: (pairs * 1000) / (performance.now() - startedAt) })}\n`);
process.exit(0);
