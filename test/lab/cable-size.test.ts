import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, describe, expect, test } from "vitest";

import { MAX_KEY_SETS } from "../../agent/daemon/key-sets.ts";
import { CABLE_PROVIDER, MAX_CABLE_ARGUMENT, MAX_CABLE_REQUEST_BYTES } from "../../proto/android-agent.ts";
import { encode } from "../../proto/codec.ts";
import { wire } from "../../proto/wire.ts";
import { request } from "../../provisioning/handset/agent-channel.ts";
import type { FaultError } from "../../provisioning/handset/fault.ts";
import type { HandsetPort } from "../../provisioning/handset/port.ts";
import { openTcp } from "../../provisioning/transport/tcp.ts";
import { DAY, EPOCH, TestLender, termsOf } from "../agent/test-lender.ts";
import { agentManifest, makeApk, makeKey } from "../provisioning/handset/made-apk.ts";
import { openLab } from "./lab.ts";
import { prepareRealAdbd } from "./real-adbd/prepare.ts";

// How much the cable carries, through a shell and a kernel that set the limits of a phone's: the real adbd runs a real sh here, and its
// `content` is a program that is really started, on pages of 4 KiB.

const folder = mkdtempSync(join(tmpdir(), "cable-size-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const prepared = await prepareRealAdbd();

/** As many key sets, keys and instalments as an agent takes, and texts as long as they may be. */
async function largestBind(): Promise<wire.Bind.$Properties> {
	const long = "ऋ".repeat(200);
	const lender = await TestLender.create(
		termsOf({
			lenderName: long,
			instalments: Array.from({ length: 120 }, (_, month) => ({
				dueAtUnixSeconds: EPOCH + (month + 1) * 30 * DAY,
				amountMinor: 999_999_999,
			})),
			contact: { supportPhone: "+525512345678", supportUrl: long, payUrl: long, payInstructions: long, disputeUrl: long },
		}),
	);
	lender.codeKey = new Uint8Array(32).fill(1);
	while (lender.keySetEnvelopes.length < MAX_KEY_SETS) await lender.rotate(["root", "command", "heartbeat", "enroll", "release"]);
	return lender.bind();
}

async function refusalOf(port: HandsetPort, message: wire.CableRequest.$Properties): Promise<FaultError["fault"] | undefined> {
	return request(port, message, "bindingAccepted").then(
		() => undefined,
		(error: FaultError) => error.fault,
	);
}

describe.each([
	{ transport: "in-process", skip: false },
	{ transport: "adbd", skip: !prepared.ok },
] as const)("the cable over $transport", ({ transport, skip }) => {
	test.skipIf(skip)(
		"carries the largest contract there can be, and up to the last byte that a phone's kernel takes",
		async () => {
			const lab = await openLab({ stateFolder: join(folder, transport), transport, bootMs: 10 });
			const handset = await lab.add();
			const port = await openTcp({ host: handset.host, port: handset.port, keyFolder: join(folder, "key") });
			try {
				expect((await port.install(makeApk(agentManifest(), makeKey("p256")), ["-r"])).stdout).toContain("Success");
				const bind = await largestBind();
				const bytes = encode(wire.CableRequest, { bind }).length;
				expect(bytes).toBeGreaterThan(15_000);
				expect(bytes).toBeLessThan(MAX_CABLE_REQUEST_BYTES / 2);
				// It came through whole: what the agent objects to is that it owns nothing here.
				expect(await refusalOf(port, { bind })).toMatchObject({
					code: "AGENT_REFUSED",
					details: { code: "NOT_DEVICE_OWNER" },
				});

				const overhead = encode(wire.CableRequest, { bind: { terms: new Uint8Array(90_000) } }).length - 90_000;
				for (const length of [45_000, 46_080, 46_081, 49_000, 65_536, MAX_CABLE_REQUEST_BYTES - overhead]) {
					const filled = { bind: { terms: new Uint8Array(length).fill(0xa5) } };
					expect(await refusalOf(port, filled), `${length} bytes`).toMatchObject({ code: "AGENT_REFUSED" });
				}
				const beyond = { bind: { terms: new Uint8Array(MAX_CABLE_REQUEST_BYTES - overhead + 1) } };
				expect(await refusalOf(port, beyond)).toMatchObject({ code: "AGENT_REQUEST_TOO_LARGE" });

				const call = `content call --uri ${CABLE_PROVIDER.uri} --method nothing --arg "$(cat)"`;
				const answer = async (length: number) => (await port.script(call, { stdin: new Uint8Array(length).fill(0x41) })).stderr;
				expect(await answer(MAX_CABLE_ARGUMENT)).toContain("no such method");
				expect(await answer(MAX_CABLE_ARGUMENT + 1)).toMatch(/Arg(?:ument)? list too long/);
			} finally {
				await port.close();
				await lab.close();
			}
		},
		60_000,
	);
});
