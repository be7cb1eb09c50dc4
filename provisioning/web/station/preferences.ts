import { keep, keepLook, type Look, readKept, readLook } from "../frame/look.ts";

/** What a person chose for this screen. */
export interface Preferences extends Look {
	readonly isMuted: boolean;
}

const KEY = "holdfast-station-sound";

/** What was chosen before. */
export function readPreferences(): Preferences {
	return { ...readLook(), isMuted: readKept(KEY)["isMuted"] === true };
}

export function keepPreferences({ isMuted, theme, language }: Preferences): void {
	keepLook({ theme, language });
	keep(KEY, { isMuted });
}
