import { randomBytes } from "node:crypto";
import type { ApkFacts } from "../../../provisioning/handset/apk.ts";
import { FaultError } from "../../../provisioning/handset/fault.ts";
import type { Handset } from "../handset.ts";
import type { InstalledPackage } from "../handset-state.ts";
import { failed, out, parseOptions, type Reply, type Stdin } from "./command.ts";

const VALUED = ["-i", "-S", "--user", "--abi", "--install-location", "--originating-uri", "--install-reason", "--pkg"];
const CANCELED = "INSTALL_FAILED_USER_RESTRICTED: Install canceled by user";
/** How long the phone shows its install dialog when "Install via USB" is off: it rejects at once. */
const TOGGLE_OFF = { text: CANCELED, afterMs: 0 };

/**
 * `pm install` and `cmd package install`: the APK comes as a file of the phone or, with `-S BYTES`, on standard input. It is
 * read as a phone reads it: manifest, version, signer, test-only flag.
 */
export async function install(phone: Handset, args: readonly string[], stdin: Stdin): Promise<Reply> {
	const { options, rest } = parseOptions(args, VALUED);
	const path = rest.find((word) => word !== "-");
	const size = options.get("-S");
	const { quirks, props, storage } = phone.state;
	let apk: Uint8Array;
	if (path !== undefined) {
		const file = phone.files.read(path);
		if (!file) return failed(255, `Error: Unable to open file: ${path}\n`, "Error: failed to write; No such file or directory\n");
		apk = file;
	} else {
		if (size === undefined) return failed(1, "Error: must either specify a package size or an APK file\n");
		if (quirks.installStallsAtByte !== undefined) {
			await stdin.read(quirks.installStallsAtByte);
			await new Promise(() => {}); // for as long as the link lives
		}
		apk = await stdin.read(Number(size), quirks.cableBytesPerSecond);
		if (apk.length < Number(size)) return verdict("INSTALL_FAILED_INVALID_APK: Stream ended early");
	}
	const failure = props["persist.security.adbinstall"] === "1" ? quirks.installFailure : TOGGLE_OFF;
	if (failure) {
		if (failure.afterMs > 0) await new Promise((resolve) => setTimeout(resolve, failure.afterMs));
		return verdict(failure.text);
	}
	if (storage.freeKiB * 1024 < apk.length) {
		return verdict("INSTALL_FAILED_INSUFFICIENT_STORAGE: Failed to override installation location");
	}
	let facts: ApkFacts;
	try {
		facts = phone.readApk(apk);
	} catch (error) {
		if (!(error instanceof FaultError)) throw error;
		return verdict("INSTALL_PARSE_FAILED_NOT_APK: Failed to parse /data/app/vmdl1.tmp/base.apk: Failed to load asset path");
	}
	const refusal = refusalOf(phone, facts, options);
	if (refusal !== undefined) return verdict(refusal);
	settle(phone, facts, apk);
	return out("Success");
}

function verdict(text: string): Reply {
	return failed(1, "", `Failure [${text}]\n`);
}

function refusalOf(phone: Handset, facts: ApkFacts, options: ReadonlyMap<string, string>): string | undefined {
	const before = phone.package(facts.packageName);
	if (facts.minSdk > phone.state.sdk) {
		return `INSTALL_FAILED_OLDER_SDK: Failed parse during installPackageLI: Requires newer sdk version #${facts.minSdk} (current version is #${phone.state.sdk})`;
	}
	if (facts.signerSha256.length === 0) {
		return "INSTALL_PARSE_FAILED_NO_CERTIFICATES: Failed collecting certificates for /data/app/vmdl1.tmp/base.apk";
	}
	if (facts.testOnly && !options.has("-t")) return "INSTALL_FAILED_TEST_ONLY: installPackageLI";
	if (!before) return undefined;
	// A package that a fault put there may leave its signer open: whoever signs the update.
	if (before.signerSha256.length > 0 && before.signerSha256.join() !== facts.signerSha256.join()) {
		return `INSTALL_FAILED_UPDATE_INCOMPATIBLE: Existing package ${facts.packageName} signatures do not match newer version; ignoring!`;
	}
	// `-d` only helps debuggable packages (PackageManagerServiceUtils.isDowngradePermitted).
	if (facts.versionCode < before.versionCode && !(options.has("-d") && before.debuggable)) {
		return `INSTALL_FAILED_VERSION_DOWNGRADE: Downgrade detected: Update version code ${facts.versionCode} is older than current ${before.versionCode}`;
	}
	return undefined;
}

function settle(phone: Handset, facts: ApkFacts, apk: Uint8Array): void {
	const { packageName } = facts;
	const before = phone.package(packageName);
	const random = () => randomBytes(16).toString("base64url");
	const codePath = `/data/app/~~${random()}==/${packageName}-${random()}==/base.apk`;
	phone.files.write(codePath, apk);
	const now = phone.nowMs();
	const installed: InstalledPackage = {
		packageName,
		versionCode: facts.versionCode,
		versionName: facts.versionName,
		minSdk: facts.minSdk,
		targetSdk: facts.targetSdk,
		testOnly: facts.testOnly,
		debuggable: facts.debuggable,
		signerSha256: facts.signerSha256,
		receivers: facts.receivers,
		providers: facts.providers,
		system: false,
		uid: before?.uid ?? 10_000 + Math.max(300, ...Object.values(phone.state.packages).map(({ uid }) => uid - 10_000)) + 1,
		codePath,
		firstInstallMs: before?.firstInstallMs ?? now,
		lastUpdateMs: now,
		enabled: true,
		granted: before?.granted ?? [],
	};
	phone.change((state) => {
		// Xiaomi forgets its own app-ops at every install from a cable.
		const { [packageName]: _reset, ...appOps } = state.appOps;
		return {
			...state,
			appOps,
			packages: { ...state.packages, [packageName]: installed },
		};
	});
	if (before && !before.system) phone.files.remove(before.codePath.replace(/\/[^/]*\/[^/]*$/, ""));
	phone.watcher?.onPackage(packageName);
}
