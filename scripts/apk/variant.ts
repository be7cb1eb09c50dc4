import { BuildError } from "./build-error.ts";

/** A build that differs from the real one in a single way: real APKs that must be refused, or update one another, for tests. */
export type Variant =
	| { readonly kind: "none" }
	| { readonly kind: "testOnly" }
	| { readonly kind: "debuggable" }
	/** Signed by a second throwaway key. */
	| { readonly kind: "otherSigner" }
	| { readonly kind: "version"; readonly versionCode: number };

/** @throws {BuildError} 64 if it is none of them. */
export function parseVariant(text: string): Variant {
	if (text === "testOnly" || text === "debuggable" || text === "otherSigner") return { kind: text };
	const versionCode = Number(/^version=([1-9]\d{0,8})$/.exec(text)?.[1]);
	if (Number.isInteger(versionCode)) return { kind: "version", versionCode };
	throw new BuildError(64, `no such variant: ${text}. There are testOnly, debuggable, otherSigner, version=N.`);
}

export function apkName(variant: Variant): string {
	if (variant.kind === "none") return "holdfast-agent.apk";
	return variant.kind === "version" ? `holdfast-agent-version-${variant.versionCode}.apk` : `holdfast-agent-${variant.kind}.apk`;
}

/** The manifest's source as this variant has it. */
export function variantManifest(manifest: string, variant: Variant): string {
	if (variant.kind === "testOnly") return replaceOnce(manifest, "<application", '<application android:testOnly="true"');
	if (variant.kind === "debuggable") return replaceOnce(manifest, "<application", '<application android:debuggable="true"');
	if (variant.kind !== "version") return manifest;
	const { versionCode } = variant;
	const recoded = replaceOnce(manifest, /android:versionCode="\d+"/g, `android:versionCode="${versionCode}"`);
	return replaceOnce(recoded, /(android:versionName="\d+\.\d+\.\d+)"/g, `$1-${versionCode}"`);
}

function replaceOnce(text: string, pattern: string | RegExp, replacement: string): string {
	const found = text.split(pattern instanceof RegExp ? new RegExp(pattern.source.replace(/[()]/g, "")) : pattern).length - 1;
	if (found !== 1) throw new BuildError(1, `the manifest has ${found} places for ${pattern}, not one`);
	return text.replace(pattern, replacement);
}
