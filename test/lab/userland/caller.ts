import { CABLE_PROVIDER } from "../../../proto/android-agent.ts";
import type { Handset } from "../handset.ts";

/** What `adb shell` runs as: the shell, or root on a phone whose adb was restarted so. */
export function shellUid(phone: Handset): number {
	return phone.state.quirks.adbRoot === true ? 0 : CABLE_PROVIDER.shellUid;
}
