import { createHash, createPublicKey, verify } from "node:crypto";

import quickJs from "@jitl/quickjs-wasmfile-release-sync";
import {
	newQuickJSWASMModuleFromVariant,
	type QuickJSContext,
	type QuickJSHandle,
	type QuickJSSyncVariant,
} from "quickjs-emscripten-core";
import type { Daemon } from "../../../../agent/daemon/daemon.ts";
import type { NativeCrypto } from "../../../../agent/hosts/engine/entry.ts";

/** The bundled agent in a QuickJS of its own, compiled to WebAssembly: the engine of a phone, some times slower. */
export interface QuickJsAgent {
	readonly daemon: Daemon;
	/** Evaluates a script beside the agent, and gives its value. */
	evaluate(script: string): unknown;
	/** Bytes in use after a collection. */
	heapBytes(): number;
	/** Milliseconds that the engine took to parse the bundle and to open the agent. */
	readonly loadMs: number;
	close(): void;
}

/** @param native what the engine's host brings, as `open` of the bundle takes it. */
export async function openInQuickJs(bundle: Uint8Array, native: NativeCrypto = {}): Promise<QuickJsAgent> {
	// The package's types describe its CommonJS build, where the variant is one level deeper.
	const engine = await newQuickJSWASMModuleFromVariant(quickJs as unknown as QuickJSSyncVariant);
	const runtime = engine.newRuntime();
	runtime.setMemoryLimit(64 * 1024 * 1024);
	const context = runtime.newContext();
	const run = (script: string): QuickJSHandle => unwrapped(context, context.evalCode(script));
	bringCrypto(context, native);
	const source = new TextDecoder().decode(bundle);
	const started = performance.now();
	run(source).dispose();
	// Bytes cross as ArrayBuffers: the one form that both sides own.
	const handle = run(`(() => {
		const bring = (call) => (...parts) => new Uint8Array(call(...parts.map((part) => Uint8Array.from(part).buffer)));
		const native = {};
		if (globalThis.hostSha256) native.sha256 = bring(globalThis.hostSha256);
		if (globalThis.hostVerify) native.verifyP256 = (...parts) => bring(globalThis.hostVerify)(...parts)[0] === 1;
		globalThis.agent = holdfast.open(native);
		return (ledger, event) => {
			const handled = agent.handle(new Uint8Array(ledger), new Uint8Array(event));
			return [handled.ledger.slice().buffer, handled.effects.buffer];
		};
	})()`);
	const loadMs = performance.now() - started;
	return {
		loadMs,
		daemon: {
			handle(ledger, event) {
				const parts = [ledger, event].map((bytes) => context.newArrayBuffer(Uint8Array.from(bytes).buffer));
				const result = unwrapped(context, context.callFunction(handle, context.undefined, ...parts));
				const [stored, effects] = [0, 1].map((index) => bytesOf(context, context.getProp(result, index)));
				for (const part of [...parts, result]) part.dispose();
				if (!stored || !effects) throw new Error("the engine gave no bytes");
				return { ledger: stored, effects };
			},
		},
		evaluate(script) {
			const result = run(script);
			const value: unknown = context.dump(result);
			result.dispose();
			return value;
		},
		heapBytes() {
			const usage = runtime.computeMemoryUsage();
			const { memory_used_size: bytes } = context.dump(usage) as { memory_used_size: number }; // as QuickJS names it
			usage.dispose();
			return bytes;
		},
		close() {
			handle.dispose();
			context.dispose();
			runtime.dispose();
		},
	};
}

/** What Node's own cryptography answers, as a phone's platform would. */
export const nodeNativeCrypto = {
	sha256: (bytes) => Uint8Array.from(createHash("sha256").update(bytes).digest()),
	verifyP256(publicKey, message, signature) {
		if (publicKey.length !== 65 || signature.length !== 64) return false;
		const [x, y] = [publicKey.subarray(1, 33), publicKey.subarray(33)].map((part) => Buffer.from(part).toString("base64url"));
		try {
			const key = createPublicKey({ key: { kty: "EC", crv: "P-256", x: x ?? "", y: y ?? "" }, format: "jwk" });
			return verify("sha256", message, { key, dsaEncoding: "ieee-p1363" }, signature);
		} catch {
			return false;
		}
	},
} satisfies NativeCrypto;

function bringCrypto(context: QuickJSContext, { sha256, verifyP256 }: NativeCrypto): void {
	const bring = (name: string, call: (...parts: Uint8Array[]) => Uint8Array) => {
		const made = context.newFunction(name, (...handles) => {
			const answer = call(...handles.map((part) => bytesOf(context, part.dup())));
			return context.newArrayBuffer(Uint8Array.from(answer).buffer);
		});
		context.setProp(context.global, name, made);
		made.dispose();
	};
	const none = new Uint8Array();
	if (sha256) bring("hostSha256", (bytes = none) => sha256(bytes));
	if (verifyP256) {
		bring("hostVerify", (key = none, message = none, signature = none) =>
			Uint8Array.of(verifyP256(key, message, signature) ? 1 : 0),
		);
	}
}

/** The value, or an error of ours: the library's own holds its whole engine, and a failed test would print it. */
function unwrapped(context: QuickJSContext, result: ReturnType<QuickJSContext["evalCode"]>): QuickJSHandle {
	if (!result.error) return result.value;
	const thrown: unknown = context.dump(result.error);
	result.error.dispose();
	throw new Error(`in the engine: ${JSON.stringify(thrown)}`);
}

/** A copy of an ArrayBuffer's bytes; the handle is given back. */
function bytesOf(context: QuickJSContext, handle: QuickJSHandle): Uint8Array {
	const view = context.getArrayBuffer(handle);
	const bytes = Uint8Array.from(view.value);
	view.dispose();
	handle.dispose();
	return bytes;
}
