import { describe, expect, it } from "vitest";

import { printedReply } from "../../../proto/android-agent.ts";
import { encode } from "../../../proto/codec.ts";
import { nobleCrypto } from "../../../proto/noble-crypto.ts";
import { wire } from "../../../proto/wire.ts";
import { faultError } from "../../../provisioning/handset/fault.ts";
import type { FaultCode } from "../../../provisioning/handset/fault-codes.ts";
import type { AgentApk } from "../../../provisioning/handset/packages.ts";
import type { HandsetPort } from "../../../provisioning/handset/port.ts";
import { DEFAULT_POLICY } from "../../../provisioning/handset/preflight.ts";
import { type Enrollment, enrollSteps } from "../../../provisioning/procedure/enroll.ts";
import type { EnrollmentState, RegistryPort } from "../../../provisioning/procedure/registry-port.ts";
import { runSteps } from "../../../provisioning/procedure/step.ts";

const NOTE = "The registry hears of the seal when the phone is next online.";
const NEVER = Number.POSITIVE_INFINITY;

interface Scene {
	/** What the agent says; nothing if the answer is lost with the cable. */
	readonly answer?: wire.CableReply.$Properties;
	/** When the cable drops, and when the registry hears from the phone, in milliseconds of the run. */
	readonly dropsAtMs?: number;
	readonly heardAtMs?: number;
	/** What the registry does instead of answering. */
	readonly registryFault?: FaultCode;
}

const SEALED: wire.CableReply.$Properties = { outcome: { orders: [], status: { sealed: true } } };

/** Runs the last step alone, in virtual time. */
async function seal({ answer, dropsAtMs = 1000, heardAtMs = NEVER, registryFault }: Scene) {
	let nowMs = 0;
	const waiting = new Set<{ readonly atMs: number; readonly wake: () => void }>();
	const at = (atMs: number) => new Promise<void>((resolve) => waiting.add({ atMs, wake: resolve }));
	const clock = { nowMs: () => nowMs, pause: (milliseconds: number) => at(nowMs + milliseconds) };
	const gone = at(dropsAtMs);
	const port: HandsetPort = {
		adbSerial: "FAKE",
		gone,
		async shell() {
			if (!answer) {
				await gone;
				throw faultError("USB_LOST");
			}
			const base64 = Buffer.from(encode(wire.CableReply, answer)).toString("base64");
			return { stdout: printedReply(base64), stderr: "", exitCode: 0 };
		},
		script: () => Promise.reject(new Error("a seal is short")),
		push: () => Promise.reject(new Error("nothing is pushed")),
		install: () => Promise.reject(new Error("nothing is installed")),
		close: async () => {},
	};
	const state = (): EnrollmentState => (nowMs >= heardAtMs ? "sealed" : "contacted");
	const registry = {
		async enrollmentOf(contractId: string) {
			if (registryFault) throw faultError(registryFault);
			const known = { enrollmentId: "E-1", deviceId: "D-1", imei1: "", serial: "", bindingSha256: "" };
			return { ...known, contractId, state: state() };
		},
	} satisfies Partial<RegistryPort>;
	const enrollment: Enrollment = {
		port,
		// Of the registry and of the APK the last step needs nothing else.
		registry: registry as unknown as RegistryPort,
		apk: {} as AgentApk,
		contractId: "C-1",
		policy: DEFAULT_POLICY,
		clock,
		crypto: nobleCrypto,
		randomBytes: (length) => new Uint8Array(length),
		tool: "test",
		operator: "",
		entries: [],
		found: {},
	};
	const notes: string[] = [];
	let fault: string | undefined;
	const run = (async () => {
		for await (const event of runSteps(enrollSteps({ seal: true }).slice(-1), enrollment, clock)) {
			if (event.type === "step-note") notes.push(event.text);
			if (event.type === "finished") fault = event.fault?.code;
		}
		return true;
	})();
	// Time passes when nothing else can happen.
	while (!(await Promise.race([run, new Promise((resolve) => setImmediate(() => resolve(false)))]))) {
		const next = [...waiting].sort((a, b) => a.atMs - b.atMs)[0];
		if (!next || next.atMs === NEVER) throw new Error("the step waits for ever");
		waiting.delete(next);
		nowMs = Math.max(nowMs, next.atMs);
		next.wake();
	}
	return { fault, isNoted: notes.includes(NOTE), state: enrollment.found.status?.state, tookMs: nowMs };
}

describe("the last step of an enrolment", () => {
	it("takes the agent's answer as proof, and does not wait long for a phone without a network", async () => {
		const end = await seal({ answer: SEALED });
		expect(end).toMatchObject({ fault: undefined, isNoted: true });
		expect(end.tookMs).toBeLessThanOrEqual(4100);
	});

	it("says what the registry heard, where the phone has a network", async () => {
		expect(await seal({ answer: SEALED, heardAtMs: 2500 })).toMatchObject({ fault: undefined, isNoted: false, state: "sealed" });
	});

	it("does not take a pulled plug for a seal", async () => {
		expect(await seal({})).toMatchObject({ fault: "USB_LOST", isNoted: false });
	});

	it("without an answer waits longer for the registry, whose word is proof as well", async () => {
		expect(await seal({ heardAtMs: 9000 })).toMatchObject({ fault: undefined, state: "sealed" });
	});

	it("fails where the agent has answered and debugging stays on", async () => {
		expect(await seal({ answer: SEALED, dropsAtMs: NEVER })).toMatchObject({ fault: "SEAL_FAILED" });
	});

	it("believes no answer that says something else", async () => {
		const open = { outcome: { orders: [], status: { sealed: false } } };
		expect(await seal({ answer: open })).toMatchObject({ fault: "USB_LOST" });
		const refused = { refused: { code: "NOT_CONFIRMED", detail: "" } };
		expect(await seal({ answer: refused })).toMatchObject({ fault: "AGENT_REFUSED" });
	});

	it("needs no registry once the agent has answered, and cannot do without one otherwise", async () => {
		const registryFault = "REGISTRY_UNREACHABLE";
		expect(await seal({ answer: SEALED, registryFault })).toMatchObject({ fault: undefined, isNoted: true });
		expect(await seal({ registryFault })).toMatchObject({ fault: registryFault });
		expect(await seal({ answer: SEALED, registryFault: "REGISTRY_UNTRUSTED" })).toMatchObject({ fault: "REGISTRY_UNTRUSTED" });
	});
});
