import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { toHex } from "../../../../proto/crypto.ts";
import { bundleAgent } from "../../../../scripts/agent/bundle-agent.ts";
import { BuildError } from "../../../../scripts/apk/build-error.ts";
import { ABIS, type Abi } from "../../../../scripts/apk/native-library.ts";
import { nodeNativeCrypto, openInQuickJs } from "../engine/quickjs.ts";
import { backFromDex } from "./dex.ts";
import {
	emulatorOf,
	harnessFor,
	inHarness,
	jvmClasses,
	libraryOf,
	type Outcome,
	onJvm,
	openWorkshop,
	type Workshop,
} from "./engines.ts";
import { ESSENTIAL_FAILURES, failingBundles, withOwnCryptography } from "./other-bundles.ts";
import { recordedLife } from "./recorded-life.ts";
import { signatureCases } from "./signature-cases.ts";
import { type Recorder, writeVectors } from "./vectors.ts";

const LIMIT_MS = 120_000;
/** Calls that an engine makes with the bundled cryptography: they have the binding in them, and an emulator takes its time. */
const OWN_CALLS = 30;
/** Calls that are made of a bundle that fails. */
const FAILING_CALLS = 2;
/** Android's old limit is 512, for all that is in progress. */
const MOST_REFERENCES = 12;

const folder = mkdtempSync(join(tmpdir(), "holdfast-conformance-"));
const workshop = openedWorkshop();
if (typeof workshop === "string")
	console.warn(`only Node and WebAssembly are compared, because there is no toolchain: ${workshop}`);

function openedWorkshop(): Workshop | string {
	try {
		const opened = openWorkshop(folder);
		for (const abi of ABIS) libraryOf(abi, opened);
		return opened;
	} catch (error) {
		if (error instanceof BuildError) return error.message;
		throw error;
	}
}

let life: Recorder;
let bundle: Uint8Array;
const at = (name: string) => join(folder, name);
const question = { bundle: at("agent.js"), vectors: at("life"), limitMs: LIMIT_MS };
const ownQuestion = { bundle: at("own-agent.js"), vectors: at("binding"), limitMs: LIMIT_MS };

beforeAll(async () => {
	bundle = await bundleAgent();
	life = await recordedLife();
	const { calls, verdicts } = life;
	writeFileSync(question.bundle, bundle);
	writeFileSync(ownQuestion.bundle, withOwnCryptography(bundle));
	writeFileSync(question.vectors, writeVectors({ calls, verdicts }));
	writeFileSync(at("few"), writeVectors({ calls: calls.slice(-FAILING_CALLS), verdicts: [] }));
	// The first calls are those of a phone that is not bound yet.
	const bound = calls.findIndex(({ after }) => after.length > 500);
	writeFileSync(
		ownQuestion.vectors,
		writeVectors({ calls: calls.slice(Math.max(0, bound - 15)).slice(0, OWN_CALLS), verdicts: [] }),
	);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function expectConformity(outcome: Outcome, calls = life.calls.length): void {
	expect(outcome.differences).toEqual([]);
	expect(outcome.failures).toEqual([]);
	expect(outcome.done).toBe(calls);
	expect(outcome.heapBytes).toBeLessThan(2 * 1024 * 1024);
	expect(outcome.references).toBeLessThanOrEqual(MOST_REFERENCES);
}

describe("every engine says what the daemon says on Node", { timeout: 300_000 }, () => {
	it("to a few hundred events, of every kind", () => {
		expect(life.calls.length).toBeGreaterThan(400);
		expect(life.verdicts.some(({ good }) => good)).toBe(true);
	});

	it("in WebAssembly", async () => {
		const agent = await openInQuickJs(bundle, nodeNativeCrypto);
		try {
			for (const [index, { ledger, event, after, effects }] of life.calls.entries()) {
				const handled = agent.daemon.handle(ledger, event);
				expect([index, toHex(handled.ledger), toHex(handled.effects)]).toEqual([index, toHex(after), toHex(effects)]);
			}
		} finally {
			agent.close();
		}
	});

	describe.skipIf(typeof workshop === "string")("as the APK has it", () => {
		if (typeof workshop === "string") return;
		let classes: string;
		beforeAll(() => {
			classes = jvmClasses(workshop);
		});

		it("on a JVM, through the class that phones run", () => {
			expectConformity(onJvm(workshop, classes, question));
		});

		it("on a JVM, through the classes of the dex", async () => {
			expectConformity(onJvm(workshop, `${await backFromDex(workshop)}:${classes}`, question));
		});

		it.each(failingBundles)("on a JVM, which hears of an engine that failed: %s", (name, text, words) => {
			writeFileSync(at(name), text);
			const outcome = onJvm(workshop, classes, { bundle: at(name), vectors: at("few"), limitMs: 300 });
			expect(new Set(outcome.failures.map((line) => line.replace(/^\S+ /, "")))).toEqual(new Set([words]));
			expect(outcome.done).toBe(FAILING_CALLS);
		});

		for (const abi of ABIS) {
			const emulator = emulatorOf(abi);
			const missing = emulator !== undefined && spawnSync(emulator, ["--version"]).error !== undefined;
			if (missing) console.warn(`the engine for ${abi} does not run here: no ${emulator} (Debian: qemu-user-static)`);
			describe.skipIf(missing)(`for ${abi}`, () => onPhone(abi, workshop));
		}
	});
});

/** The library of a phone itself. */
function onPhone(abi: Abi, shop: Workshop): void {
	let harness: readonly string[];
	beforeAll(() => {
		harness = harnessFor(abi, shop);
	});

	it("with the platform's cryptography", () => {
		expectConformity(inHarness(harness, libraryOf(abi, shop), question));
	});

	it("with its own, which counts with BigInts", () => {
		expectConformity(inHarness(harness, libraryOf(abi, shop), ownQuestion), OWN_CALLS);
	});

	const emulated = emulatorOf(abi) !== undefined;
	const bundles = failingBundles.filter(([name]) => !emulated || ESSENTIAL_FAILURES.includes(name));
	it.each(bundles)("and says of what it fails: %s", (name, text, words) => {
		writeFileSync(at(name), text);
		const outcome = inHarness(harness, libraryOf(abi, shop), { bundle: at(name), vectors: at("few"), limitMs: 300 });
		expect(outcome.failures[0]?.replace(/^\S+ /, "")).toBe(words);
	});
}

describe.skipIf(typeof workshop === "string")("the platform's cryptography", { timeout: 120_000 }, () => {
	if (typeof workshop === "string") return;
	it.each([
		["of a JVM", undefined],
		["of Android (Conscrypt)", "org.conscrypt.OpenSSLProvider"],
	])("%s judges every key and signature as the bundled one does", (_, provider) => {
		for (const [publicKey, message, signature] of signatureCases()) life.judge(publicKey, message, signature);
		writeFileSync(at("signatures"), writeVectors({ verdicts: life.verdicts, calls: life.calls.slice(0, 90) }));
		const conscrypt = join(workshop.root, "usr/share/maven-repo/conscrypt-openjdk-uber.jar");
		const outcome = onJvm(
			workshop,
			`${jvmClasses(workshop)}:${conscrypt}`,
			{ ...question, vectors: at("signatures") },
			{ provider },
		);
		expect(outcome.differences).toEqual([]);
		expect(outcome.failures).toEqual([]);
		expect(outcome.verdicts).toBe(life.verdicts.length);
		expect(life.verdicts.length).toBeGreaterThan(1500);
	});
});
