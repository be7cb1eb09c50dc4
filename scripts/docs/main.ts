// Writes the generated pages of the documentation: npm run docs.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { openApiPage } from "./openapi-page.ts";
import { generatedPages } from "./pages.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
for (const { path, text } of [...generatedPages(), await openApiPage()]) {
	writeFileSync(join(root, path), text);
	console.log(`wrote ${path}`);
}
