import { execFile } from "node:child_process";
import {
	chmodSync,
	copyFileSync,
	existsSync,
	mkdirSync,
	mkdtempSync,
	readFileSync,
	renameSync,
	rmSync,
	writeFileSync,
} from "node:fs";
import { homedir } from "node:os";
import { basename, join } from "node:path";
import { promisify } from "node:util";

import { bindLoopbackOnly } from "./loopback.ts";

/** The AOSP daemon as Debian builds it, ready to be started. */
export interface RealAdbd {
	readonly ok: true;
	/** Holds `adbd`, its libraries and their own loader. */
	readonly folder: string;
	/** File name of the loader in it. */
	readonly loader: string;
	/** False: it listens on every interface of this machine, without asking anybody for a key. */
	readonly loopbackOnly: boolean;
}

/** Why it cannot run here; the in-process handset serves instead. */
export interface NoRealAdbd {
	readonly ok: false;
	readonly reason: string;
}

const SUITE = "trixie";
const VERSION = "34.0.5";
/** Grows when what is kept in the cache changes. */
const CACHE_FORMAT = 1;
const KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg";
const DOWNLOAD_DEADLINE_MS = 180_000;
const ADBD_PATH = "usr/lib/android-sdk/platform-tools/adbd";

const run = promisify(execFile);

/**
 * Fetches Debian trixie's adbd once and keeps it, with exactly the libraries it loads, in the user's cache. apt checks the
 * archive's signature and each package's digest; it works on lists, cache and status of its own, installs nothing and needs
 * no root. Several processes may call this at once.
 */
export async function prepareRealAdbd(): Promise<RealAdbd | NoRealAdbd> {
	const reason = await whyNotHere();
	if (reason !== undefined) return { ok: false, reason };
	const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "holdfast");
	const folder = join(cache, `adbd-${VERSION}-${process.arch}-${CACHE_FORMAT}`);
	try {
		if (!existsSync(folder)) await fetchInto(cache, folder);
		return readCache(folder);
	} catch (error) {
		return {
			ok: false,
			reason: `fetching adbd from Debian ${SUITE} failed: ${firstLine(error)}`,
		};
	}
}

/** The cheap checks, in the order in which a person would put them right. */
async function whyNotHere(): Promise<string | undefined> {
	if (process.platform !== "linux") return `a real adbd needs Linux, this is ${process.platform}`;
	if (process.arch !== "x64" && process.arch !== "arm64")
		return `a real adbd is fetched for x64 and arm64, this is ${process.arch}`;
	for (const tool of ["apt-get", "dpkg-deb", "unshare", "setpriv", "perl"]) {
		if (!(await run("sh", ["-c", `command -v ${tool}`]).catch(() => undefined)))
			return `a real adbd needs ${tool}, which is not here`;
	}
	// The whole of what a handset needs, tried on nothing: kernels, containers and policies forbid it in many ways.
	const trial = "mount -t tmpfs none /mnt && mount -t devpts -o newinstance none /mnt";
	return run("unshare", ["-Urmp", "--fork", "--kill-child=KILL", "sh", "-c", trial], { timeout: 5_000 }).then(
		() => undefined,
		(error: unknown) => `this machine lets nobody make user and mount namespaces (${firstLine(error)})`,
	);
}

function readCache(folder: string): RealAdbd {
	const kept: unknown = JSON.parse(readFileSync(join(folder, "kept.json"), "utf8"));
	if (typeof kept !== "object" || kept === null || !("loader" in kept) || !("loopbackOnly" in kept)) {
		throw new Error(`${folder} is damaged: delete it`);
	}
	return {
		ok: true,
		folder,
		loader: String(kept.loader),
		loopbackOnly: kept.loopbackOnly === true,
	};
}

async function fetchInto(cache: string, folder: string): Promise<void> {
	mkdirSync(cache, { recursive: true });
	const work = mkdtempSync(join(cache, "adbd-fetch-"));
	try {
		const root = await unpack(work);
		const kept = join(work, "kept");
		await keepWhatItLoads(root, kept);
		try {
			renameSync(kept, folder);
		} catch (error) {
			if (!existsSync(folder)) throw error; // else another process was faster
		}
	} finally {
		rmSync(work, { recursive: true, force: true });
	}
}

/** Downloads adbd and everything it depends on, and unpacks it. apt resolves the closure from an empty status file. */
async function unpack(work: string): Promise<string> {
	for (const path of ["lists/partial", "cache/archives/partial", "root"]) mkdirSync(join(work, path), { recursive: true });
	writeFileSync(join(work, "status"), "");
	writeFileSync(join(work, "sources.list"), `deb [signed-by=${KEYRING}] ${await debianMirror()} ${SUITE} main\n`);
	const settings = {
		"Dir::Etc::sourcelist": join(work, "sources.list"),
		"Dir::Etc::sourceparts": "/dev/null",
		"Dir::Etc::preferencesparts": "/dev/null",
		"Dir::State::lists": join(work, "lists"),
		"Dir::State::status": join(work, "status"),
		"Dir::Cache": join(work, "cache"),
		"APT::Sandbox::User": "root",
		"Acquire::Languages": "none",
		"Acquire::Retries": "2",
		"Debug::NoLocking": "1",
	};
	const options = Object.entries(settings).flatMap(([name, value]) => ["-o", `${name}=${value}`]);
	const apt = (...words: string[]) =>
		run("apt-get", [...options, "-qq", "-y", ...words], {
			timeout: DOWNLOAD_DEADLINE_MS,
		});
	await apt("update");
	await apt("--download-only", "--no-install-recommends", "install", "adbd");
	const archives = join(work, "cache/archives");
	const { stdout } = await run("find", [archives, "-maxdepth", "1", "-name", "*.deb"]);
	for (const archive of stdout.split("\n").filter(Boolean)) await run("dpkg-deb", ["-x", archive, join(work, "root")]);
	if (!existsSync(join(work, "root", ADBD_PATH))) throw new Error(`the package has no ${ADBD_PATH}`);
	return join(work, "root");
}

/** The Debian mirror that this machine already uses. */
async function debianMirror(): Promise<string> {
	if (!existsSync(KEYRING)) throw new Error(`${KEYRING} is not here: only Debian's own keys can vouch for its adbd`);
	const format = "$(ORIGIN)|$(LABEL)|$(REPO_URI)";
	const { stdout } = await run("apt-get", ["indextargets", "--format", format, "Created-By: Packages"]);
	const targets = stdout.split("\n").map((line) => line.split("|"));
	// Before the first `apt-get update` the origin is not known yet; the address still is.
	const found =
		targets.find(([origin, label]) => origin === "Debian" && label === "Debian") ??
		targets.find(([origin, , uri]) => origin === "" && uri !== undefined && /\/debian\/?$/.test(uri));
	if (!found?.[2]) throw new Error("no Debian archive in apt's sources");
	return found[2];
}

async function keepWhatItLoads(root: string, kept: string): Promise<void> {
	mkdirSync(kept);
	const { stdout: found } = await run("find", [join(root, "usr/lib"), "-name", "ld-linux-*.so.*"]);
	const loader = found.split("\n").find(Boolean);
	if (!loader) throw new Error("the C library has no loader");
	const { stdout: folders } = await run("find", [join(root, "usr/lib"), "-name", "*.so.*", "-printf", "%h\\n"]);
	const libraryPath = [...new Set(folders.split("\n").filter(Boolean))].join(":");
	const adbd = join(root, ADBD_PATH);
	const { stdout: loaded } = await run(loader, ["--library-path", libraryPath, "--list", adbd]);
	const missing = loaded.split("\n").find((line) => line.includes("not found"));
	if (missing) throw new Error(`adbd lacks a library: ${missing.trim()}`);
	for (const line of loaded.split("\n")) {
		const [, name, path] = /^\s*(\S+) => (\S+)/.exec(line) ?? [];
		if (name && path && !name.includes("/")) copyFileSync(path, join(kept, name));
	}
	copyFileSync(loader, join(kept, basename(loader)));
	copyFileSync(adbd, join(kept, "adbd"));
	for (const name of [basename(loader), "adbd"]) chmodSync(join(kept, name), 0o755);
	const libc = readFileSync(join(kept, "libc.so.6"));
	const loopbackOnly = bindLoopbackOnly(libc);
	writeFileSync(join(kept, "libc.so.6"), libc);
	writeFileSync(join(kept, "kept.json"), `${JSON.stringify({ loader: basename(loader), loopbackOnly })}\n`);
}

function firstLine(error: unknown): string {
	if (!(error instanceof Error)) return String(error);
	const stderr = "stderr" in error && typeof error.stderr === "string" ? error.stderr : "";
	return (stderr.trim().split("\n").at(-1) || error.message).slice(0, 300);
}
