import type { FaultCode } from "./fault-codes.ts";
import type { ShellResult } from "./port.ts";
import { answerText, firstMatch, type Rule } from "./text-rules.ts";

/** Refusals of the commands that change settings, app-ops and permissions of other apps. */
const REFUSALS: readonly Rule[] = [
	{
		code: "XIAOMI_SECURITY_TOGGLE_OFF",
		text: /GRANT_RUNTIME_PERMISSIONS|REVOKE_RUNTIME_PERMISSIONS|UPDATE_APP_OPS_STATS|WRITE_SECURE_SETTINGS|com\.android\.shell was not granted +(?:this permission: )?(?:android\.permission\.)?WRITE_SETTINGS|INJECT_EVENTS permission|SET_PREFERRED_APPLICATIONS/,
	},
	{
		code: "DO_PROTECTED",
		text: /Cannot disable a protected package: |PID \d+ does not have permission android\.permission\.CLEAR_APP_USER_DATA|Attempt to remove non-test admin/,
	},
	{ code: "MIUI_REFUSED", text: /Cannot disable system packages\.|Cannot disable miui core packages\./ },
	{ code: "HANDSET_BOOTING", text: /Can't find service: \w+/ },
	{ code: "ADB_FOYER", text: /: inaccessible or not found/ },
];

/** What a refused change of a setting, an app-op or a permission amounts to; `undefined` if the command ended well. */
export function classifySetting(result: ShellResult): FaultCode | undefined {
	const text = answerText(result);
	const refusal = firstMatch(REFUSALS, text);
	if (refusal) return refusal;
	return result.exitCode === 0 && !/^(?:Error|Security exception|Exception occurred)\b/m.test(text) ? undefined : "MIUI_REFUSED";
}
