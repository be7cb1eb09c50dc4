import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, renameSync } from "node:fs";
import { basename, join } from "node:path";

import { BuildError } from "./build-error.ts";

const APT_HELPER = "/usr/lib/apt/apt-helper";
/** Another archive, or several with spaces between; for when a pinned package has left the usual one. */
const MIRROR_VARIABLE = "HOLDFAST_DEBIAN_MIRROR";
export const DOWNLOAD_DEADLINE_MS = 10 * 60_000;
const MAVEN_COPY = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy";

/** One line of a list of pins: what a build fetches, and the only bytes that it takes for it. */
export type Pin = { readonly sha256: string } & (
	| {
			readonly kind: "debian";
			/** Path below a Debian mirror, percent-encoded as there. */
			readonly path: string;
	  }
	| {
			readonly kind: "maven";
			/** group:artifact:version of Maven Central. */
			readonly artifact: string;
	  }
);

/** @throws {BuildError} if a line is neither a comment nor a checksum and a place. */
export function parsePins(text: string): readonly Pin[] {
	return text
		.split("\n")
		.filter((line) => line.trim() !== "" && !line.startsWith("#"))
		.map((line) => {
			const [, sha256, path, artifact] =
				/^([0-9a-f]{64}) {2}(?:(pool\/[\w.+%/-]+\.(?:deb|orig\.tar\.xz))|maven:([\w.-]+:[\w.-]+:[\w.-]+))$/.exec(line) ?? [];
			if (sha256 !== undefined && path !== undefined) return { kind: "debian", sha256, path };
			if (sha256 !== undefined && artifact !== undefined) return { kind: "maven", sha256, artifact };
			throw new BuildError(1, `toolchain.sha256 has a line that is not a pin: ${line}`);
		});
}

/**
 * Fetches what is pinned into a folder, and gives the files, in the pins' order.
 *
 * @throws {BuildError} 8 if one cannot be had here, or is not what was pinned.
 */
export function fetchPins(pins: readonly Pin[], folder: string): readonly string[] {
	if (!existsSync(APT_HELPER)) {
		throw new BuildError(
			8,
			"The Android tools come from Debian packages, and this system has no apt. Build the APK on Debian or Ubuntu.",
		);
	}
	const found = mirrors();
	if (found.length === 0) {
		throw new BuildError(8, `No Debian archive among apt's sources. Name one: ${MIRROR_VARIABLE}=ADDRESS scripts/build-apk`);
	}
	return pins.map((pin) =>
		pin.kind === "maven" ? fetchArtifact(pin.artifact, pin.sha256, folder) : fetchPackage(pin.path, pin.sha256, folder, found),
	);
}

/** apt's own downloader: it knows the proxy, and refuses what does not match the checksum. */
function fetchPackage(path: string, sha256: string, folder: string, from: readonly string[]): string {
	const target = join(folder, decodeURIComponent(basename(path)));
	let mismatch = false;
	for (const mirror of from) {
		const options = ["-o", "APT::Sandbox::User=root", "-o", "Acquire::Retries=2"];
		const result = attempt(APT_HELPER, [...options, "download-file", `${mirror}/${path}`, target, `SHA256:${sha256}`]);
		if (result.status === 0 && digest(target) === sha256) return target;
		mismatch ||= /hash sum mismatch/i.test(`${result.stdout}${result.stderr}`) || result.status === 0;
	}
	if (mismatch) throw changed(basename(target));
	throw new BuildError(
		8,
		`${basename(target)} could not be fetched. Without a network there is no first build; if the archive no longer has this version, ` +
			`name one that does: ${MIRROR_VARIABLE}="ADDRESS ..." scripts/build-apk`,
	);
}

/** Maven's own downloader, for the same reason; what it has in its local repository is not fetched again. */
function fetchArtifact(artifact: string, sha256: string, folder: string): string {
	const [, name = "", version = ""] = artifact.split(":");
	const target = join(folder, `${name}.jar`);
	const result = attempt("mvn", ["-B", "-q", MAVEN_COPY, `-Dartifact=${artifact}`, `-DoutputDirectory=${folder}`]);
	const copied = join(folder, `${name}-${version}.jar`);
	if (result.error !== undefined) {
		throw new BuildError(8, `Maven is not installed (fetches ${artifact}). On Debian: apt-get install maven`);
	}
	if (result.status !== 0 || !existsSync(copied)) {
		throw new BuildError(8, `${artifact} could not be fetched from Maven Central.\n${result.stdout}${result.stderr}`.trimEnd());
	}
	if (digest(copied) !== sha256) throw changed(artifact);
	renameSync(copied, target);
	return target;
}

function attempt(command: string, args: readonly string[]) {
	return spawnSync(command, args, { encoding: "utf8", timeout: DOWNLOAD_DEADLINE_MS, stdio: ["ignore", "pipe", "pipe"] });
}

function changed(what: string): BuildError {
	return new BuildError(
		8,
		`${what} is not the package that toolchain.sha256 names: its checksum has changed. Nothing was used of it.`,
	);
}

function digest(file: string): string {
	return createHash("sha256").update(readFileSync(file)).digest("hex");
}

function mirrors(): readonly string[] {
	const named = process.env[MIRROR_VARIABLE];
	const text =
		named ??
		spawnSync("apt-get", ["indextargets", "--format", "$(REPO_URI)", "Created-By: Packages"], { encoding: "utf8" }).stdout ??
		"";
	const addresses = text.split(/\s+/).map((address) => address.replace(/\/+$/, ""));
	return [...new Set(addresses.filter((address) => (named === undefined ? address.endsWith("/debian") : address !== "")))];
}
