import { existsSync } from "node:fs";
import { join, relative } from "node:path";

import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Files that take a minute and more, longest first, as `scripts/test` told it on two cores. */
const LONGEST: readonly string[] = [
	"test/agent/hosts/android/android-app.test.ts",
	"test/e2e/kill-anywhere.test.ts",
	"test/campaign/campaign.test.ts",
	"test/agent/hosts/android/build-apk.test.ts",
	"test/e2e/faults.test.ts",
	"test/e2e/seal-offline.test.ts",
	"test/attack/attack.test.ts",
	"test/e2e/bad-input.test.ts",
	"test/provisioning/web/borrower/borrower-page.test.ts",
	"test/provisioning/web/console/console-looks.test.ts",
	"test/provisioning/web/desk/desk-offline.test.ts",
	"test/e2e/doctor.test.ts",
	"test/provisioning/web/desk/desk-journey.test.ts",
	"test/provisioning/web/goldens/goldens.test.ts",
	"test/agent/hosts/crash-cuts.test.ts",
];

/** Begins the longest files first: one that is begun last would leave the other core without work. */
export class LongestFirst extends BaseSequencer {
	override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
		const { root } = this.ctx.config;
		const gone = LONGEST.filter((name) => !existsSync(join(root, name)));
		if (gone.length > 0) throw new Error(`test/longest-first.ts names what is not there: ${gone.join(", ")}`);
		const rank = ({ moduleId }: TestSpecification) => {
			const place = LONGEST.indexOf(relative(root, moduleId));
			return place < 0 ? LONGEST.length : place;
		};
		return (await super.sort(files)).sort((a, b) => rank(a) - rank(b));
	}
}
