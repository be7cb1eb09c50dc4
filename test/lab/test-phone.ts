import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { factoryState } from "./factory-state.ts";
import { withFault } from "./faults.ts";
import { AGENT_ADMIN, AGENT_AUTHORITY, AGENT_PACKAGE, Handset, type HandsetMemory } from "./handset.ts";
import type { HandsetState } from "./handset-state.ts";
import { phoneFiles } from "./phone-files.ts";
import { DEFAULT_PROFILE, profileNamed } from "./profiles.ts";
import { NO_STDIN, type Stdin } from "./userland/command.ts";
import { runCommand } from "./userland/commands.ts";

/** 355490069927394: the number whose Parcel is known from adbkit#99. */
export const KNOWN_IMEI = "355490069927394";

export interface TestPhoneOptions {
	readonly profile?: string;
	readonly faults?: readonly string[];
	readonly imeis?: readonly string[];
	/** Agent installed, and owner unless a fault put another one there. */
	readonly agent?: "installed" | "owner";
	readonly change?: (state: HandsetState) => HandsetState;
}

/** A phone whose commands are called directly, on the machine's own clock. */
export function testPhone(options: TestPhoneOptions = {}): Handset {
	const identity = { serial: "VH000001", imeis: options.imeis ?? [KNOWN_IMEI, "869409000000037"] };
	const fresh = factoryState(profileNamed(options.profile ?? DEFAULT_PROFILE), identity, {
		atMs: 1_760_000_000_000,
		id: "boot-1",
	});
	const changed = (options.change ?? ((state) => state))(options.agent ? withAgent(fresh, options.agent) : fresh);
	const initial = (options.faults ?? []).reduce(withFault, changed);
	const memory: HandsetMemory = { load: () => initial, save: () => {} };
	return new Handset(memory, phoneFiles(mkdtempSync(join(tmpdir(), "lab-phone-"))), () => 1_760_000_100_000);
}

/** The agent as an APK would have put it there. */
export function withAgent(state: HandsetState, how: "installed" | "owner"): HandsetState {
	return {
		...state,
		...(how === "owner" ? { deviceOwner: AGENT_ADMIN, activeAdmins: [AGENT_ADMIN] } : {}),
		packages: {
			...state.packages,
			[AGENT_PACKAGE]: {
				packageName: AGENT_PACKAGE,
				versionCode: 1,
				versionName: "0.1.0",
				minSdk: 26,
				targetSdk: 35,
				testOnly: false,
				debuggable: false,
				system: false,
				signerSha256: ["ab".repeat(32)],
				receivers: [{ name: `${AGENT_PACKAGE}.AdminReceiver`, permission: "android.permission.BIND_DEVICE_ADMIN" }],
				providers: [{ name: `${AGENT_PACKAGE}.CableProvider`, authorities: AGENT_AUTHORITY }],
				uid: 10_321,
				codePath: `/data/app/~~YQ==/${AGENT_PACKAGE}-Yg==/base.apk`,
				firstInstallMs: state.bootedAtMs,
				lastUpdateMs: state.bootedAtMs,
				enabled: true,
				granted: [],
			},
		},
	};
}

export interface Said {
	readonly stdout: string;
	readonly stderr: string;
	readonly exitCode: number;
}

/** Runs one command line, words parted by blanks. */
export async function say(phone: Handset, line: string, stdin: Stdin = NO_STDIN): Promise<Said> {
	const reply = await runCommand(phone, line.split(" "), stdin);
	if (!reply) return { stdout: "", stderr: "the link died", exitCode: -1 };
	const stdout = typeof reply.stdout === "string" ? reply.stdout : new TextDecoder().decode(reply.stdout);
	return { stdout, stderr: reply.stderr, exitCode: reply.exitCode };
}

/** Standard input that holds these bytes. */
export function stdinOf(content: Uint8Array): Stdin {
	return { read: async (count) => content.subarray(0, count), all: async () => content };
}
