import { AGENT_PACKAGE } from "../../../proto/android-agent.ts";
import type { Handset } from "../handset.ts";

/** Whether there is a running agent that would have asked for what follows. */
function agentRuns(phone: Handset): boolean {
	return phone.cable !== undefined && phone.isAgentOwner;
}

/** `dumpsys alarm`: everybody's alarms, as Android 12 and later print them. */
export function alarms(phone: Handset): string[] {
	const alarm = (owner: string, tag: string, at: number) => [
		`    RTC_WAKEUP #0: Alarm{4f1a2b3 type 0 origWhen ${at} whenElapsed 86400000 ${owner}}`,
		`      tag=*walarm*:${tag}`,
		`      type=RTC_WAKEUP origWhen=${new Date(at).toISOString()} window=0 exactAllowReason=permission repeatInterval=0 count=0 flags=0x5`,
	];
	return [
		"Current Alarm Manager state:",
		...alarm("com.example.calendar", "com.example.calendar/.DentistAtNine", phone.nowMs() + 3_600_000),
		...(agentRuns(phone) ? alarm(AGENT_PACKAGE, `${AGENT_PACKAGE}/.AlarmReceiver`, phone.nowMs() + 86_400_000) : []),
		...alarm("com.example.clock", "com.example.clock/.WakeUpAnna", phone.nowMs() + 7_200_000),
	];
}

/** `dumpsys jobscheduler PACKAGE`. */
export function jobs(phone: Handset, packageName: string | undefined): string[] {
	if (packageName !== AGENT_PACKAGE || !agentRuns(phone)) return ["No jobs for this package"];
	const uid = (phone.package(AGENT_PACKAGE)?.uid ?? 10_000) - 10_000;
	return [
		"Registered 1 jobs:",
		`  JOB #u0a${uid}/1: 2c1d5a3 ${AGENT_PACKAGE}/.WakeJob`,
		`    Service: ${AGENT_PACKAGE}/.WakeJob`,
		"    PERIODIC: interval=+6h0m0s0ms flex=+1h0m0s0ms",
		"    PERSISTED",
	];
}

/** The part of `dumpsys activity activities` that tells of lock task. */
export function lockTask(phone: Handset): string[] {
	const locked = phone.state.restrictions.includes("lockTask");
	return [
		"ACTIVITY MANAGER ACTIVITIES (dumpsys activity activities)",
		"  mResumedActivity: ActivityRecord{1f2 u0 com.example.bank/.Balance t12}",
		`  mLockTaskModeState=${locked ? "LOCKED" : "NONE"}`,
		"  mLockTaskPackages (userId:packages)=",
		"   u0:[]",
	];
}
