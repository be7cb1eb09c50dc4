import type { FaultCode } from "./fault-codes.ts";
import type { ShellResult } from "./port.ts";
import { answerText, firstMatch, type Rule } from "./text-rules.ts";

/** Codes of `Failure [CODE: text]` and what they mean here. PackageManager.java of AOSP; -111 and isolation are Xiaomi's. */
const FAILURES: readonly Rule[] = [
	{ code: "XIAOMI_INSTALL_BLOCKED", text: "INSTALL_FAILED_USER_RESTRICTED" },
	// A silent self-update that Xiaomi has not been told to accept (-115).
	{ code: "XIAOMI_INSTALL_BLOCKED", text: /INSTALL_FAILED_ABORTED: Permission denied/i },
	{ code: "XIAOMI_ISOLATION", text: "INSTALL_FAILED_HYPEROS_ISOLATION_VIOLATION" },
	{ code: "INSTALL_VERIFICATION", text: /INSTALL_FAILED_VERIFICATION_(?:FAILURE|TIMEOUT)/ },
	{ code: "INSTALL_DOWNGRADE", text: "INSTALL_FAILED_VERSION_DOWNGRADE" },
	{
		code: "INSTALL_WRONG_SIGNER",
		text: /INSTALL_FAILED_(?:UPDATE|SHARED_USER)_INCOMPATIBLE|INSTALL_PARSE_FAILED_INCONSISTENT_CERTIFICATES/,
	},
	{ code: "INSTALL_TEST_ONLY", text: "INSTALL_FAILED_TEST_ONLY" },
	{ code: "INSTALL_NO_SPACE", text: /INSTALL_FAILED_INSUFFICIENT_STORAGE|not enough space|No space left on device/ },
	{ code: "ANDROID_TOO_OLD", text: "INSTALL_FAILED_OLDER_SDK" },
	{ code: "APK_UNREADABLE", text: /INSTALL_PARSE_FAILED_|INSTALL_FAILED_INVALID_APK/ },
];

/** Refusals of the package manager that never get as far as a `Failure`. */
const BEFORE_VERDICT: readonly Rule[] = [
	{ code: "HANDSET_BOOTING", text: /Can't find service: package|Could not access the Package Manager/ },
	{ code: "ADB_FOYER", text: /\b(?:cmd|pm): (?:inaccessible or )?not found/ },
	{ code: "INSTALL_NO_SPACE", text: /not enough space|No space left on device/ },
];

/** What the phone says that became of an install; `undefined` if it says Success. */
export function classifyInstall(result: ShellResult): FaultCode | undefined {
	const text = answerText(result);
	const failure = /Failure \[([^\]\n]*)/.exec(text)?.[1];
	if (failure !== undefined) return firstMatch(FAILURES, failure) ?? "INSTALL_REFUSED";
	// Vendors print lines of their own before it.
	if (result.exitCode === 0 && /^Success\s*$/m.test(result.stdout)) return undefined;
	return firstMatch(BEFORE_VERDICT, text) ?? "INSTALL_REFUSED";
}

const REMOVALS: readonly Rule[] = [
	{
		code: "DO_PROTECTED",
		text: /DELETE_FAILED_DEVICE_POLICY_MANAGER|DELETE_FAILED_OWNER_BLOCKED|Cannot disable a protected package/,
	},
	{ code: "MIUI_REFUSED", text: /DELETE_FAILED_INTERNAL_ERROR|DELETE_FAILED_FORBIDED_BY_MIUI|DELETE_FAILED_USER_RESTRICTED/ },
	{ code: "HANDSET_BOOTING", text: /Can't find service: package|Could not access the Package Manager/ },
	{ code: "ADB_FOYER", text: /\b(?:cmd|pm): (?:inaccessible or )?not found/ },
];

/** What the phone says that became of an uninstall; `undefined` if the package is gone, now or before. */
export function classifyUninstall(result: ShellResult): FaultCode | undefined {
	const text = answerText(result);
	if (/Failure \[not installed for \d+\]|Unknown package: /.test(text)) return undefined;
	const refusal = firstMatch(REMOVALS, text);
	if (refusal) return refusal;
	return result.exitCode === 0 && /^Success\s*$/m.test(result.stdout) ? undefined : "UNCLASSIFIED";
}
