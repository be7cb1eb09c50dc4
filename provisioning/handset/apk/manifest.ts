import { readBinaryXml, type XmlElement, type XmlValue } from "./binary-xml.ts";
import { unreadable } from "./unreadable.ts";

/** What an APK's manifest says of it, with Android's defaults filled in. */
export interface ManifestFacts {
	readonly packageName: string;
	/** `versionCodeMajor` and `versionCode` together, as Android compares them. */
	readonly versionCode: number;
	readonly versionName: string;
	readonly minSdk: number;
	readonly targetSdk: number;
	readonly testOnly: boolean;
	readonly debuggable: boolean;
	/** Names of `uses-permission`, in order. */
	readonly permissions: readonly string[];
	readonly receivers: readonly { readonly name: string; readonly permission?: string }[];
	readonly providers: readonly { readonly name: string; readonly authorities: string }[];
}

// Android finds a manifest's attributes by these ids and ignores their names: frameworks/base/core/res/res/values/public-final.xml
const ATTRIBUTE = {
	name: 0x01010003,
	permission: 0x01010006,
	debuggable: 0x0101000f,
	authorities: 0x01010018,
	minSdkVersion: 0x0101020c,
	versionCode: 0x0101021b,
	versionName: 0x0101021c,
	targetSdkVersion: 0x01010270,
	testOnly: 0x01010272,
	versionCodeMajor: 0x01010576,
} as const;

type AttributeName = keyof typeof ATTRIBUTE;

const PACKAGE_NAME = /^[a-zA-Z]\w*(?:\.[a-zA-Z]\w*)+$/;
const MAX_PACKAGE_NAME = 255;

/**
 * Reads a compiled AndroidManifest.xml. What a phone would look up elsewhere (a value that is a reference into resources) is refused
 * where the answer matters, never guessed.
 *
 * @throws {FaultError} APK_UNREADABLE.
 */
export function readManifest(bytes: Uint8Array): ManifestFacts {
	const manifest = readBinaryXml(bytes);
	if (manifest.name !== "manifest") throw unreadable("the manifest's root is not <manifest>");
	const packageName = readPackageName(manifest);
	const application = onlyChild(manifest, "application");
	const usesSdk = onlyChild(manifest, "uses-sdk");

	const minSdk = integer(usesSdk, "minSdkVersion") ?? 1;
	const versionCodeMajor = integer(manifest, "versionCodeMajor") ?? 0;
	const versionCode = integer(manifest, "versionCode") ?? 0;
	if (versionCodeMajor < 0 || versionCodeMajor > 0x1fffff) throw unreadable("the manifest's version code is out of range");

	return {
		packageName,
		versionCode: versionCodeMajor * 0x1_0000_0000 + (versionCode >>> 0),
		versionName: string(manifest, "versionName") ?? "",
		minSdk,
		targetSdk: integer(usesSdk, "targetSdkVersion") ?? minSdk,
		testOnly: boolean(application, "testOnly"),
		debuggable: boolean(application, "debuggable"),
		permissions: children(manifest, "uses-permission", "uses-permission-sdk-23").map((element) =>
			requiredString(element, "name"),
		),
		receivers: children(application, "receiver").map((element) => {
			const permission = string(element, "permission") ?? string(application, "permission");
			return { name: className(element, packageName), ...(permission === undefined ? {} : { permission }) };
		}),
		providers: children(application, "provider").map((element) => ({
			name: className(element, packageName),
			authorities: requiredString(element, "authorities"),
		})),
	};
}

function readPackageName(manifest: XmlElement): string {
	const found = manifest.attributes.filter(({ name, resourceId }) => name === "package" && resourceId === 0);
	const value = found[0]?.value;
	if (found.length !== 1 || value?.kind !== "string") throw unreadable("the manifest names no package, or several");
	if (value.text.length > MAX_PACKAGE_NAME || !PACKAGE_NAME.test(value.text))
		throw unreadable("the manifest's package has no valid name");
	return value.text;
}

/** A class named as in the manifest: `.Name` and `Name` stand in the package. */
function className(element: XmlElement, packageName: string): string {
	const name = requiredString(element, "name");
	if (name.startsWith(".")) return packageName + name;
	return name.includes(".") ? name : `${packageName}.${name}`;
}

function children(parent: XmlElement | undefined, ...names: readonly string[]): readonly XmlElement[] {
	return parent === undefined ? [] : parent.children.filter(({ name }) => names.includes(name));
}

/** Two `application` or `uses-sdk` elements are read differently by different Android versions. */
function onlyChild(parent: XmlElement, name: string): XmlElement | undefined {
	const [first, second] = children(parent, name);
	if (second !== undefined) throw unreadable(`the manifest has more than one <${name}>`);
	return first;
}

function attribute(element: XmlElement | undefined, name: AttributeName): XmlValue | undefined {
	const found = element?.attributes.filter(({ resourceId }) => resourceId === ATTRIBUTE[name]) ?? [];
	if (found.length > 1) throw unreadable(`the manifest gives ${name} twice`);
	return found[0]?.value;
}

function string(element: XmlElement | undefined, name: AttributeName): string | undefined {
	const value = attribute(element, name);
	if (value === undefined) return undefined;
	if (value.kind !== "string") throw unreadable(`the manifest's ${name} is not plain text`);
	return value.text;
}

function requiredString(element: XmlElement, name: AttributeName): string {
	const text = string(element, name);
	if (text === undefined) throw unreadable(`the manifest leaves out a ${name}`);
	return text;
}

function integer(element: XmlElement | undefined, name: AttributeName): number | undefined {
	const value = attribute(element, name);
	if (value === undefined) return undefined;
	if (value.kind !== "integer") throw unreadable(`the manifest's ${name} is not a number`);
	return value.value;
}

/** Absent means no. Android takes any number other than 0 for yes. */
function boolean(element: XmlElement | undefined, name: AttributeName): boolean {
	const value = attribute(element, name);
	if (value === undefined) return false;
	if (value.kind === "boolean") return value.value;
	if (value.kind === "integer") return value.value !== 0;
	throw unreadable(`the manifest's ${name} is neither true nor false`);
}
