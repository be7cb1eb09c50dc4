import { homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const PROJECT_ROOT = fileURLToPath(new URL("../..", import.meta.url));
/** The Android host's sources. */
export const ANDROID_HOST = join(PROJECT_ROOT, "agent/hosts/android");
/** Where APKs come out; ignored by git. */
export const BUILD_FOLDER = join(ANDROID_HOST, "build");

/** What outlives a build and is shared by all checkouts of one user: the toolchain and the development key. */
export function cacheFolder(): string {
	const base = process.env.XDG_CACHE_HOME || join(homedir(), ".cache");
	return join(base, "holdfast", "android");
}
