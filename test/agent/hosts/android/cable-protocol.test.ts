import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import {
	AGENT_ADMIN,
	AGENT_LOG_TAG,
	AGENT_PACKAGE,
	BAD_ARGUMENT_REFUSAL,
	CABLE_PROVIDER,
	MAX_CABLE_ARGUMENT,
	MAX_CABLE_REQUEST_BYTES,
	PROVIDER_EXCEPTIONS,
} from "../../../../proto/android-agent.ts";
import { MAX_MESSAGE_BYTES } from "../../../../proto/codec.ts";
import { ANDROID_HOST } from "../../../../scripts/apk/paths.ts";

// Two sides that share no code: the Java of the agent, and proto/android-agent.ts, which the toolkit and the virtual handset use. Here
// the Java and the manifest are read as text, and must say the same.

const manifest = readFileSync(join(ANDROID_HOST, "AndroidManifest.xml"), "utf8");
const java = new Map(
	readdirSync(join(ANDROID_HOST, "java"), { recursive: true, encoding: "utf8" })
		.filter((path) => path.endsWith(".java"))
		.map((path) => [path, withoutComments(readFileSync(join(ANDROID_HOST, "java", path), "utf8"))] as const),
);

function withoutComments(text: string): string {
	return text.replace(/\/\*[\s\S]*?\*\/|(?<!:)\/\/.*$/gm, "");
}

function source(className: string): string {
	const found = [...java].find(([path]) => path.endsWith(`/${className}.java`));
	if (!found) throw new Error(`there is no ${className}.java`);
	return found[1];
}

/** An element of the manifest, with its attributes by their names without the prefix. */
function element(tag: string, name: string): Readonly<Record<string, string>> {
	for (const [, attributes = ""] of manifest.matchAll(new RegExp(`<${tag}\\s([^>]*)>`, "g"))) {
		const found = Object.fromEntries([...attributes.matchAll(/android:(\w+)="([^"]*)"/g)].map(([, key, value]) => [key, value]));
		if (found.name === name) return found;
	}
	throw new Error(`the manifest has no ${tag} ${name}`);
}

/** The value of a constant: a number, or a text. */
function constant(className: string, name: string): string | undefined {
	return new RegExp(`static final \\w+ ${name} = "?([^";]+)"?;`).exec(source(className))?.[1];
}

/** What is thrown where: `throw new TYPE("MESSAGE")`. */
function thrown(): readonly string[] {
	const provider = [...java].filter(([path]) => /\/Cable\w*\.java$/.test(path)).map(([, text]) => text);
	return [...provider.join("\n").matchAll(/throw new (\w+)\("([^"]*)"\)/g)].map(([, type, message]) => `${type}: ${message}`);
}

describe("the manifest", () => {
	it("names the package, the admin receiver and the provider as everybody else does", () => {
		expect(/<manifest[^>]*\spackage="([^"]*)"/.exec(manifest)?.[1]).toBe(AGENT_PACKAGE);
		expect(element("receiver", AGENT_ADMIN.slice(AGENT_PACKAGE.length + 1))).toMatchObject({
			permission: "android.permission.BIND_DEVICE_ADMIN",
		});
		expect(element("provider", CABLE_PROVIDER.className)).toMatchObject({
			authorities: CABLE_PROVIDER.authority,
			permission: CABLE_PROVIDER.permission,
			exported: "true",
			grantUriPermissions: "false",
			// The cable must reach the agent on a phone that nobody has unlocked since it was started.
			directBootAware: "true",
		});
	});
});

describe("the provider's source", () => {
	it("has the method, the key and the caller", () => {
		expect(constant("CableProvider", "METHOD_DELIVER")).toBe(CABLE_PROVIDER.method);
		expect(constant("CableProvider", "KEY_REPLY")).toBe(CABLE_PROVIDER.replyKey);
		expect(constant("CableCallers", "SHELL_UID")).toBe(String(CABLE_PROVIDER.shellUid));
	});

	it("throws what is known to the other end, and nothing else", () => {
		const known = Object.values(PROVIDER_EXCEPTIONS).map(({ type, message }) => `${type.replace("java.lang.", "")}: ${message}`);
		expect(
			thrown()
				.filter((text) => /^(?:Security|UnsupportedOperation)Exception: /.test(text))
				.sort(),
		).toEqual(known.sort());
	});

	it("answers in base64 on one line", () => {
		expect(source("CableProvider")).toMatch(/Base64\.encodeToString\([^;]*Base64\.NO_WRAP\)/);
	});

	it("has no files and no rows, so that nothing can be put on the phone by this way", () => {
		const opens = /\bopen(?:Asset|Typed|Pipe)?File\b|\bParcelFileDescriptor\b/.test(source("CableProvider"));
		expect(opens, "nobody writes files through the provider: a request is one argument").toBe(false);
	});

	// The first build answered everything with ENGINE_MISSING and read no argument.
	const reads = /Base64\.decode\(/.test([...java].map(([, text]) => text).join("\n"));
	it.skipIf(!reads)("refuses an argument that is no base64 in words, instead of throwing", () => {
		const cable = [...java].filter(([path]) => /\/Cable\w*\.java$/.test(path)).map(([, text]) => text);
		expect(cable.join("\n")).toContain(`"${BAD_ARGUMENT_REFUSAL}"`);
	});

	it("logs under tags by which its lines are found", () => {
		for (const [path, text] of java) {
			if (!/\bLog\.[vdiwe]\(/.test(text)) continue;
			const tags = [...text.matchAll(/\bTAG = "([^"]*)"|\bLog\.[vdiwe]\("([^"]*)"/g)].map(([, named, given]) => named ?? given);
			for (const tag of tags) expect(tag, path).toMatch(new RegExp(`^${AGENT_LOG_TAG}`));
		}
	});
});

describe("the limits", () => {
	it("fit into one another: an argument, a message, what the codec reads", () => {
		expect(4 * Math.ceil(MAX_CABLE_REQUEST_BYTES / 3)).toBeLessThanOrEqual(MAX_CABLE_ARGUMENT);
		expect(4 * Math.ceil((MAX_CABLE_REQUEST_BYTES + 1) / 3)).toBeGreaterThan(MAX_CABLE_ARGUMENT);
		expect(MAX_CABLE_REQUEST_BYTES).toBeLessThan(MAX_MESSAGE_BYTES);
	});
});
