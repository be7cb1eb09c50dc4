import { createContext, runInContext } from "node:vm";
import { beforeAll, describe, expect, it } from "vitest";

import { createDaemon, type Daemon } from "../../../../agent/daemon/daemon.ts";
import type { NativeCrypto } from "../../../../agent/hosts/engine/entry.ts";
import { toHex } from "../../../../proto/crypto.ts";
import { nobleCrypto } from "../../../../proto/noble-crypto.ts";
import { wire } from "../../../../proto/wire.ts";
import { bundleAgent, MOST_BUNDLE_BYTES } from "../../../../scripts/agent/bundle-agent.ts";
import { DAY, EPOCH, TestLender } from "../../test-lender.ts";
import { boundPhone } from "../../test-phone.ts";
import { nodeNativeCrypto, openInQuickJs } from "./quickjs.ts";

let bundle: Uint8Array;
beforeAll(async () => {
	bundle = await bundleAgent();
});

/** One call of the daemon, and what it gave. */
interface Call {
	readonly ledger: Uint8Array;
	readonly event: Uint8Array;
	readonly after: Uint8Array;
	readonly effects: Uint8Array;
}

/** A contract from its binding to its end, and every call of the daemon in it. */
async function aLife(): Promise<Call[]> {
	const calls: Call[] = [];
	const daemon = createDaemon({ crypto: nobleCrypto });
	const recording: Daemon = {
		handle(ledger, event) {
			const handled = daemon.handle(ledger, event);
			calls.push({ ledger, event, after: handled.ledger, effects: handled.effects });
			return handled;
		},
	};
	const lender = await TestLender.create();
	const phone = await boundPhone(lender, recording);
	phone.pass(20 * DAY, { calls: 10 });
	await phone.checkIn(lender);
	phone.jump(16 * DAY);
	for (let day = 0; day < 8; day += 1) phone.jump(DAY);
	expect(phone.standing).toBe("LOCKED_FULL");
	await phone.deliver(lender, {
		reason: wire.ReasonCode.REASON_CODE_PAYMENT,
		extend: { paidUntilUnixSeconds: EPOCH + 80 * DAY, paymentReference: "₹ 12 · एक" },
	});
	await phone.checkIn(lender);
	expect(phone.standing).toBe("UNLOCKED");
	phone.reboot(DAY);
	await phone.deliver(lender, { reason: wire.ReasonCode.REASON_CODE_PAID_OFF, release: { certificateId: "P-1" } });
	expect(phone.standing).toBe("RELEASED");
	return calls;
}

describe("the bundled agent", () => {
	it(`weighs at most ${MOST_BUNDLE_BYTES} bytes`, () => {
		expect(bundle.length).toBeLessThanOrEqual(MOST_BUNDLE_BYTES);
	});

	it("comes out the same, byte for byte", async () => {
		expect(toHex(await bundleAgent())).toBe(toHex(bundle));
	});

	it("needs nothing but ECMAScript, and leaves one global behind", () => {
		const realm = createContext({});
		const globals = (): string[] => Object.getOwnPropertyNames(runInContext("globalThis", realm));
		const before = globals();
		runInContext(new TextDecoder().decode(bundle), realm);
		expect(globals().filter((name) => !before.includes(name))).toEqual(["holdfast"]);
		expect(runInContext("typeof holdfast.open().handle", realm)).toBe("function");
	});

	it.each([
		["gives a number too many digits", "BigInt.prototype.toString = function () { return '0'.repeat(257); };"],
		[
			"gives 512 bits one too many",
			"const say = BigInt.prototype.toString; BigInt.prototype.toString = function (radix) { const text = say.call(this, radix); return radix === 2 && text.length === 512 ? '0' + text : text; };",
		],
		["cuts a number off wrongly", "BigInt.asUintN = (bits, number) => number;"],
		[
			"reads a number wrongly",
			"BigInt = Object.assign(((read) => (text) => read(typeof text === 'string' ? 7 : text))(BigInt), { asUintN: BigInt.asUintN });",
		],
	])("does not open in an engine whose BigInt %s", (_, fault) => {
		const realm = createContext({});
		runInContext(new TextDecoder().decode(bundle), realm);
		runInContext(fault, realm);
		expect(() => runInContext("holdfast.open()", realm)).toThrow("unsound");
	});
});

describe("the bundled agent in QuickJS", { timeout: 120_000 }, () => {
	const ways: readonly (readonly [string, NativeCrypto])[] = [
		["with its own cryptography", {}],
		["with a host's", nodeNativeCrypto],
	];

	it.each(ways)("%s lives a contract's life as on Node, byte for byte", async (_, native) => {
		const calls = await aLife();
		const agent = await openInQuickJs(bundle, native);
		try {
			for (const [index, { ledger, event, after, effects }] of calls.entries()) {
				const handled = agent.daemon.handle(ledger, event);
				expect([index, toHex(handled.ledger), toHex(handled.effects)]).toEqual([index, toHex(after), toHex(effects)]);
			}
			expect(calls.length).toBeGreaterThan(40);
		} finally {
			agent.close();
		}
	});

	it("says of bytes that are none what Node says, and throws nothing", async () => {
		const agent = await openInQuickJs(bundle);
		const daemon = createDaemon({ crypto: nobleCrypto });
		try {
			for (let length = 0; length < 40; length += 1) {
				const bytes = Uint8Array.from({ length }, (_, index) => (index * 151 + length * 37) & 255);
				const [here, there] = [daemon.handle(bytes, bytes), agent.daemon.handle(bytes, bytes)];
				expect([toHex(there.ledger), toHex(there.effects)]).toEqual([toHex(here.ledger), toHex(here.effects)]);
			}
		} finally {
			agent.close();
		}
	});
});
