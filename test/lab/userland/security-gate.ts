import type { Handset } from "../handset.ts";
import { serviceException } from "./android-text.ts";
import type { Reply } from "./command.ts";

/**
 * MIUI's gate: with "USB debugging (Security settings)" off, uid 2000 is denied a list of permissions although
 * `dumpsys package` shows them granted. Each refusal has the words of the place where the permission is checked.
 */
export function gate(phone: Handset, subcommand: string, refusal: keyof typeof REFUSALS): Reply | undefined {
	if (!phone.securityGateClosed) return undefined;
	const { message, frame } = REFUSALS[refusal];
	return serviceException(subcommand, {
		type: "java.lang.SecurityException",
		message,
		frames: [frame],
	});
}

const REFUSALS = {
	GRANT_RUNTIME_PERMISSIONS: {
		message: "grantRuntimePermission: Neither user 2000 nor current process has android.permission.GRANT_RUNTIME_PERMISSIONS.",
		frame: "android.app.ContextImpl.enforce(ContextImpl.java:2238)",
	},
	REVOKE_RUNTIME_PERMISSIONS: {
		message: "revokeRuntimePermission: Neither user 2000 nor current process has android.permission.REVOKE_RUNTIME_PERMISSIONS.",
		frame: "android.app.ContextImpl.enforce(ContextImpl.java:2238)",
	},
	WRITE_SECURE_SETTINGS: {
		message: "Permission denial: writing to settings requires:android.permission.WRITE_SECURE_SETTINGS",
		frame: "com.android.providers.settings.SettingsProvider.enforceWritePermission(SettingsProvider.java:2366)",
	},
	WRITE_SETTINGS: {
		message: "com.android.shell was not granted WRITE_SETTINGS",
		frame: "com.android.providers.settings.SettingsProvider.mutateSystemSetting(SettingsProvider.java:1877)",
	},
	INJECT_EVENTS: {
		message:
			"Injecting input events requires the caller (or the source of the instrumentation, if any) to have the INJECT_EVENTS permission.",
		frame: "com.android.server.input.InputManagerService.injectInputEventToTarget(InputManagerService.java:841)",
	},
	CLEAR_APP_USER_DATA: {
		message: "PID 2000 does not have permission android.permission.CLEAR_APP_USER_DATA to clear data of package",
		frame: "com.android.server.am.ActivityManagerService.clearApplicationUserData(ActivityManagerService.java:3652)",
	},
	UPDATE_APP_OPS_STATS: {
		message: "verifyIncomingUid: Neither user 2000 nor current process has android.permission.UPDATE_APP_OPS_STATS.",
		frame: "android.app.ContextImpl.enforce(ContextImpl.java:2238)",
	},
} as const;
