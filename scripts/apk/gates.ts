import { AGENT_ADMIN, AGENT_PACKAGE, CABLE_PROVIDER } from "../../proto/android-agent.ts";
import type { Zip } from "../../provisioning/handset/apk/zip.ts";
import type { ApkFacts } from "../../provisioning/handset/apk.ts";

/** Full class name, as a finished APK gives it. */
const ADMIN_RECEIVER = AGENT_ADMIN.replace("/", "");
export const MAX_APK_SIZE = 3 * 1024 * 1024;
/** A 64-bit phone may have pages of this size. */
const NATIVE_PAGE = 16 * 1024;

/**
 * dx turns a lambda, a method reference or an indy string concatenation into a call that no Android resolves: the app installs and
 * then crashes. Takes the whole of what dexdump printed.
 */
export function dexProblems(dexdump: string): readonly string[] {
	const found = new Set(dexdump.match(/invoke-(?:custom|polymorphic)/g) ?? []);
	return [...found].map((call) => `the dex uses ${call}: write lambdas and method references as classes, and compile for Java 8`);
}

/** Names on the allow-list: one a line, a tab, the reason. */
export function allowedPermissions(text: string): ReadonlySet<string> {
	const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
	return new Set(lines.map((line) => line.split("\t")[0] ?? line));
}

/** What the finished APK may not be, seen as a phone sees it. */
export function manifestProblems(facts: ApkFacts, allowed: ReadonlySet<string>): readonly string[] {
	const problems: string[] = [];
	const must = (holds: boolean, problem: string) => {
		if (!holds) problems.push(problem);
	};
	must(facts.packageName === AGENT_PACKAGE, `the package is ${facts.packageName}`);
	must(facts.minSdk === 26, `minSdk is ${facts.minSdk}, not 26`);
	must(facts.targetSdk >= 35, `targetSdk is ${facts.targetSdk}, below 35`);
	must(!facts.testOnly, "the APK is testOnly: a phone installs it only with -t");
	must(!facts.debuggable, "the APK is debuggable: anybody with a cable could run code as the agent");
	for (const permission of facts.permissions) {
		must(allowed.has(permission), `${permission} is not in permissions.allowed`);
	}
	must(
		facts.receivers.some(
			({ name, permission }) => name === ADMIN_RECEIVER && permission === "android.permission.BIND_DEVICE_ADMIN",
		),
		`there is no receiver ${ADMIN_RECEIVER} that only the system may call`,
	);
	must(
		facts.providers.some(({ authorities }) => authorities === CABLE_PROVIDER.authority),
		`there is no provider ${CABLE_PROVIDER.authority}`,
	);
	must(facts.signerSha256.length === 1, `the APK has ${facts.signerSha256.length} signers, not 1`);
	return problems;
}

/** How the file is laid out: what Android maps straight from it must be stored and aligned. */
export function layoutProblems(zip: Zip): readonly string[] {
	const problems: string[] = [];
	if (zip.bytes.length > MAX_APK_SIZE) problems.push(`the APK takes ${zip.bytes.length} bytes, more than ${MAX_APK_SIZE}`);
	for (const { name, method, dataOffset } of zip.entries.values()) {
		const alignment = name.endsWith(".so") ? NATIVE_PAGE : name === "resources.arsc" ? 4 : 1;
		if (alignment > 1 && (method !== "stored" || dataOffset % alignment !== 0)) {
			problems.push(`${name} is not stored at a multiple of ${alignment} bytes`);
		}
	}
	return problems;
}

/** Reads `apksigner verify --verbose --print-certs`: the second opinion on the signature, by Android's own code. */
export function signatureProblems(apksigner: string): readonly string[] {
	const problems: string[] = [];
	for (const scheme of ["v2", "v3"]) {
		if (!new RegExp(`^Verified using ${scheme} scheme .*: true$`, "m").test(apksigner))
			problems.push(`the signature by scheme ${scheme} does not verify`);
	}
	if (!/^Signer #1 key algorithm: RSA$/m.test(apksigner)) {
		problems.push(
			"the signing key is not RSA: apksigner's signature would differ each time, and nobody could compare a build with ours",
		);
	}
	return problems;
}
