import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** Where the built pages stand: `provisioning/web/build`, seen from the sources or from the bundle. */
export function pagesFolder(): string {
	const seen = ["../web/build", "../../web/build"].map((path) => fileURLToPath(new URL(path, import.meta.url)));
	return seen.find((folder) => existsSync(folder)) ?? fileURLToPath(new URL("../web/build", import.meta.url));
}
