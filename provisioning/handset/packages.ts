import { type Crypto, toHex } from "../../proto/crypto.ts";
import { nobleCrypto } from "../../proto/noble-crypto.ts";
import { AGENT_ADMIN, AGENT_PACKAGE, type AgentPackage, readAgentPackage } from "./agent-package.ts";
import { type ApkFacts, readApk } from "./apk.ts";
import { faultError } from "./fault.ts";
import type { FaultCode } from "./fault-codes.ts";
import { classifyInstall, classifyUninstall } from "./install-faults.ts";
import type { HandsetPort, TransferOptions } from "./port.ts";

export { AGENT_ADMIN, AGENT_PACKAGE, type AgentPackage, holdsExactly, readAgentPackage } from "./agent-package.ts";
export { applyGrants, grantsHold } from "./grants.ts";

/** The agent's APK, read once and given to every handset. */
export interface AgentApk {
	/** Never changed: many handsets are sent views of it at once. */
	readonly bytes: Uint8Array;
	readonly facts: ApkFacts;
	/** Lower-case hex. */
	readonly sha256: string;
	/** Its device admin receiver: `package/.Receiver`. */
	readonly component: string;
}

/** How an install waits, and whom it tells. */
export interface InstallOptions extends Pick<TransferOptions, "onProgress" | "signal" | "deadlineMs"> {
	pause(milliseconds: number): Promise<void>;
}

/** For the dialog, the phone's own checks and its compiler. */
const VERDICT_MS = 60_000;
/** Slowest cable that is waited for. */
const MIN_BYTES_PER_SECOND = 200_000;

/** A phone that was only just started or had its dialog missed gets another chance. */
const RETRIES: Partial<Record<FaultCode, { readonly times: number; readonly waitMs: number }>> = {
	HANDSET_BOOTING: { times: 3, waitMs: 5_000 },
	XIAOMI_INSTALL_BLOCKED: { times: 1, waitMs: 1_000 },
};

/**
 * Reads an APK file.
 *
 * @param crypto as in {@link readApk}.
 * @throws {FaultError} APK_UNREADABLE.
 */
export function agentApk(bytes: Uint8Array, crypto: Pick<Crypto, "sha256"> = nobleCrypto): AgentApk {
	return { bytes, facts: readApk(bytes, crypto), sha256: toHex(crypto.sha256(bytes)), component: AGENT_ADMIN };
}

/**
 * Refuses an APK that must not go to a borrower's phone, before a phone is touched.
 *
 * @param signerSha256 the one certificate that may have signed it, lower-case hex; without it any is taken.
 * @throws {FaultError} APK_WRONG_PACKAGE, APK_WRONG_SIGNER, APK_TEST_ONLY, APK_DEBUGGABLE.
 */
export function checkAgentApk({ facts }: AgentApk, signerSha256?: string): void {
	if (facts.packageName !== AGENT_PACKAGE || !declaresAdmin(facts)) {
		throw faultError("APK_WRONG_PACKAGE", {
			details: { expected: AGENT_ADMIN, found: facts.packageName },
		});
	}
	const signed = signerSha256 === undefined ? facts.signerSha256.length > 0 : facts.signerSha256.join() === signerSha256;
	if (!signed)
		throw faultError("APK_WRONG_SIGNER", {
			details: { expected: signerSha256 ?? "any", found: facts.signerSha256.join(", ") },
		});
	if (facts.testOnly) throw faultError("APK_TEST_ONLY");
	if (facts.debuggable) throw faultError("APK_DEBUGGABLE");
}

function declaresAdmin({ receivers }: ApkFacts): boolean {
	const [, name = ""] = AGENT_ADMIN.split("/");
	return receivers.some(
		(receiver) =>
			(receiver.name === name || receiver.name === AGENT_PACKAGE + name) &&
			receiver.permission === "android.permission.BIND_DEVICE_ADMIN",
	);
}

/** What {@link isInstalled} is asked about: the package, nothing, or a fact that could not be read. */
type Installed = AgentPackage | { readonly packageName?: undefined } | undefined;

/**
 * Whether exactly this APK is on the phone and enabled. Where the phone tells the file's digest, that decides, since the same
 * bytes have the same signer; where it does not, the version does, and the package manager has seen to the signer.
 */
export function isInstalled(installed: Installed, { facts, sha256 }: AgentApk): boolean {
	if (installed?.packageName === undefined || installed.packageName !== facts.packageName || !installed.enabled) return false;
	if (installed.apkSha256 !== undefined) return installed.apkSha256 === sha256;
	return (
		installed.versionCode === facts.versionCode &&
		installed.versionName === facts.versionName &&
		installed.debuggable === facts.debuggable &&
		installed.testOnly === facts.testOnly
	);
}

/**
 * Installs, or updates, the agent. The phone's own verdict is classified; whether it is true is for the caller to read back.
 *
 * @throws {FaultError} the link's; XIAOMI_INSTALL_BLOCKED, INSTALL_*, APK_UNREADABLE, ANDROID_TOO_OLD, HANDSET_BOOTING, ADB_FOYER.
 */
export async function installAgent(port: HandsetPort, apk: AgentApk, options: InstallOptions): Promise<void> {
	const deadlineMs = VERDICT_MS + Math.ceil((apk.bytes.length / MIN_BYTES_PER_SECOND) * 1000);
	const { pause, ...transfer } = { deadlineMs, ...options };
	for (let attempt = 0; ; attempt += 1) {
		const result = await port.install(apk.bytes, ["-r", "--user", "0"], transfer);
		const code = classifyInstall(result);
		if (code === undefined) return;
		const retry = RETRIES[code];
		if (!retry || attempt >= retry.times) throw faultError(code, { raw: `${result.stdout}\n${result.stderr}` });
		await pause(retry.waitMs);
	}
}

/**
 * Removes the agent, and reads back that it is gone.
 *
 * @throws {FaultError} the link's; DO_PROTECTED, MIUI_REFUSED, UNCLASSIFIED.
 */
export async function uninstallAgent(port: HandsetPort, packageName: string = AGENT_PACKAGE): Promise<void> {
	const result = await port.shell(["pm", "uninstall", packageName], { deadlineMs: 60_000 });
	const code = classifyUninstall(result);
	const raw = `${result.stdout}\n${result.stderr}`;
	if (code !== undefined) throw faultError(code, { raw });
	if (await readAgentPackage(port, packageName))
		throw faultError("MIUI_REFUSED", {
			raw,
			details: { "read back": "still installed" },
		});
}
