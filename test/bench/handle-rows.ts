import { createDaemon, type Daemon } from "../../agent/daemon/daemon.ts";
import { nobleCrypto } from "../../proto/noble-crypto.ts";
import { bundleAgent, MOST_BUNDLE_BYTES } from "../../scripts/agent/bundle-agent.ts";
import { nodeNativeCrypto, openInQuickJs } from "../agent/hosts/engine/quickjs.ts";
import { type Call, type HandleCalls, handleCalls } from "./handle-calls.ts";
import { benchPhoneEngine } from "./phone-engine-rows.ts";
import { median, type Row, within } from "./row.ts";

const LOADS = 7;
const CALLS = 400;
const SIGNED_CALLS = 60;
const MIB = 1024 * 1024;
const YEAR_LEDGER_BYTES = 4096;

/**
 * The daemon's one function on Node, in QuickJS compiled to WebAssembly, and in the engine that phones have: its bundle, its load,
 * its calls with and without signatures, its heap after a year. A call is measured from the host: its bytes cross the border both ways.
 */
export async function benchHandle(): Promise<Row[]> {
	const bundle = await bundleAgent();
	const calls = await handleCalls();
	const loads: number[] = [];
	for (let round = 0; round < LOADS; round += 1) {
		const agent = await openInQuickJs(bundle);
		loads.push(agent.loadMs);
		agent.close();
	}
	const own = await openInQuickJs(bundle);
	const native = await openInQuickJs(bundle, nodeNativeCrypto);
	try {
		return [
			within("agent bundle", bundle.length, "bytes", MOST_BUNDLE_BYTES),
			within("agent load, QuickJS", median(loads), "ms", 40),
			...callRows("Node", createDaemon({ crypto: nobleCrypto }), calls),
			...callRows("QuickJS", own.daemon, calls),
			...callRows("QuickJS, host's cryptography", native.daemon, calls),
			within("heap after a year, QuickJS", heapAfter(own, calls.year) / MIB, "MiB", 2),
			...benchPhoneEngine(bundle, calls),
			within("largest ledger of a year", calls.largestLedgerBytes, "bytes", YEAR_LEDGER_BYTES),
		];
	} finally {
		own.close();
		native.close();
	}
}

function callRows(where: string, daemon: Daemon, { unsigned, oneSignature, twoSignatures }: HandleCalls): Row[] {
	return [
		...timesOf(`handle without a signature, ${where}`, daemon, unsigned, CALLS, 1),
		...timesOf(`handle with one signature, ${where}`, daemon, oneSignature, SIGNED_CALLS, 10),
		...timesOf(`handle with two signatures, ${where}`, daemon, twoSignatures, SIGNED_CALLS, 20),
	];
}

function timesOf(name: string, daemon: Daemon, calls: readonly Call[], count: number, limitMs: number): Row[] {
	const times: number[] = [];
	for (let index = -count / 4; index < count; index += 1) {
		const call = calls[Math.abs(index) % calls.length];
		if (!call) throw new Error(`no calls for ${name}`);
		const started = performance.now();
		daemon.handle(call.ledger, call.event);
		if (index >= 0) times.push(performance.now() - started); // the first quarter warms the engine up
	}
	const sorted = times.sort((a, b) => a - b);
	return [
		within(`${name}, median`, median(sorted), "ms", limitMs),
		within(`${name}, p99`, sorted[Math.floor(sorted.length * 0.99)] ?? Number.NaN, "ms", limitMs),
	];
}

function heapAfter(agent: { daemon: Daemon; heapBytes(): number }, calls: readonly Call[]): number {
	for (const { ledger, event } of calls) agent.daemon.handle(ledger, event);
	return agent.heapBytes();
}
