import type { FaultCode } from "./fault-codes.ts";
import type { ShellResult } from "./port.ts";
import { answerText, firstMatch, type Rule } from "./text-rules.ts";

/**
 * Refusals of `dpm`, most telling first. Android 11 and older print an exception with its stack, or the usage followed by
 * `Error: message`; Android 12 and newer print `Exception occurred while executing`, with a final full stop. So: class and
 * part of the message, never a whole line. Order matters: usage comes after every message that may follow it.
 *
 * Sources: DevicePolicyManagerService.java and Dpm.java of AOSP (texts), field reports (Xiaomi's gate).
 */
const REFUSALS: readonly Rule[] = [
	{ code: "ADB_FOYER", text: /\bdpm: (?:inaccessible or )?not found/ },
	// Xiaomi's gate takes MANAGE_DEVICE_ADMINS from uid 2000 while "USB debugging (Security settings)" is off.
	{
		code: "XIAOMI_SECURITY_TOGGLE_OFF",
		text: /SecurityException: Neither user 2000 nor current process has android\.permission\.MANAGE_DEVICE_ADMINS/,
	},
	{
		code: "XIAOMI_SECURITY_TOGGLE_OFF",
		text: /SecurityException: Calling identity is not authorized/,
		thrower: "setActiveAdmin",
	},
	{ code: "DPM_ACCOUNTS_PRESENT", text: "because there are already some accounts on the device" },
	{ code: "DPM_USERS_PRESENT", text: "because there are already several users on the device" },
	// Bounded between the words: a text that only begins over and over would be searched a thousand times a thousand times.
	{ code: "DPM_OWNER_EXISTS", text: /Trying to set the device owner\b.{0,300}\bbut device owner\b.{0,300}\bis already set/ },
	{ code: "DPM_PROFILE_OWNER", text: "but the user already has a profile owner" },
	{ code: "DPM_USER_NOT_RUNNING", text: /\bUser \d+ not running|\bUser not running: \d+/ },
	{ code: "DPM_CALLER", text: /\bUser \d+ is not system user|Cannot set the device owner if the device is already set-up/ },
	{ code: "DPM_OEM_RULE", text: "Unexpected @ProvisioningPreCondition:" },
	{ code: "DPM_ADMIN_REMOVING", text: "Trying to set an admin which is being removed" },
	{
		code: "DPM_BAD_ADMIN",
		text: /\bBad admin: |must be protected with android\.permission\.BIND_DEVICE_ADMIN|Only apps in internal storage can be active admin/,
	},
	{ code: "DPM_UNKNOWN_ADMIN", text: "Unknown admin: " },
	{ code: "DPM_NOT_ACTIVE", text: /Invalid component ComponentInfo\{[^}]*\} for device owner|Not active admin: / },
	{ code: "DPM_REFUSED_SILENTLY", text: /Can't set package (?:ComponentInfo\{[^}]*\}|\S+) as device owner/ },
	{ code: "DO_PROTECTED", text: "Attempt to remove non-test admin" },
	{
		code: "DPM_SERVICE_DOWN",
		text: /Could not access the Device Policy Manager|Can't find service: device_policy|android\.os\.DeadObjectException/,
	},
	{ code: "DPM_USAGE", text: /Unknown option: |Argument expected after |\busage: dpm\b|Unknown command: |unknown command '/ },
];

/** Printed by Android 13 and newer for any IllegalArgumentException of setActiveAdmin: it proves nothing about the component. */
const ALREADY_ADMIN = /^.* was already an admin for user \d+\. No need to set it again\.$/gm;

/**
 * What an answer of `dpm` amounts to; `undefined` if it claims success. Only reading the owner back tells whether it is true.
 */
export function classifyDpm(result: ShellResult): FaultCode | undefined {
	const text = answerText(result).replace(ALREADY_ADMIN, "");
	const refusal = firstMatch(REFUSALS, text);
	if (refusal) return refusal;
	return result.exitCode === 0 && /^Success: /m.test(text) ? undefined : "UNCLASSIFIED";
}
