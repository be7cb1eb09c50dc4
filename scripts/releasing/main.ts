import { execFileSync, spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

import { scriptArguments } from "../script-arguments.ts";
import { isAllowed, shippedPackages, VENDORED } from "./licences.ts";
import { type Subject, sha256, signStatement, statementOf, verifyStatement } from "./provenance.ts";
import { withoutChance } from "./sbom.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const SUMS = "SHA256SUMS";
const PROVENANCE = "provenance.json";
const SIGNED = "provenance.dsse.json";

const HELP = `scripts/release [--dry-run] [--out FOLDER] [--key PRIVATE.pem]   everything that goes out; --dry-run packs what was built already
scripts/release --verify FOLDER --key PUBLIC.pem                 holds a release against its signed provenance`;

const { values } = scriptArguments(HELP, {
	options: {
		"dry-run": { type: "boolean", default: false },
		out: { type: "string", default: join(ROOT, ".cache/release") },
		key: { type: "string" },
		verify: { type: "string" },
	},
});

const say = (text: string) => process.stderr.write(`${text}\n`);

try {
	if (values.verify === undefined) makeRelease(resolve(values.out), values["dry-run"], values.key);
	else verifyRelease(resolve(values.verify), values.key);
} catch (error) {
	say(`scripts/release: ${error instanceof Error ? error.message : String(error)}`);
	process.exitCode = 1;
}

/** Everything that goes out, in one folder. The last file that is written is the one that names all others. */
function makeRelease(folder: string, isDry: boolean, keyFile: string | undefined): void {
	checkLicences();
	audit();
	rmSync(folder, { recursive: true, force: true });
	mkdirSync(folder, { recursive: true });
	const tarball = pack(folder, isDry);
	write(folder, "sbom.cdx.json", withoutChance(npm(["sbom", "--omit=dev", "--sbom-format", "cyclonedx"]), commitTime()));
	const licences = [...shippedPackages(ROOT), ...VENDORED].map(({ name, version, licence }) => `${name} ${version}: ${licence}`);
	write(folder, "licences.txt", `${licences.join("\n")}\n`);
	const subjects = subjectsIn(folder);
	const statement = statementOf({
		subjects,
		commit: git(["rev-parse", "HEAD"]),
		isChanged: git(["status", "--porcelain"]) !== "",
		node: process.version,
		npm: npm(["--version"]).trim(),
		lockSha256: sha256(readFileSync(join(ROOT, "package-lock.json"))),
	});
	write(folder, PROVENANCE, statement);
	if (keyFile === undefined) say("provenance is not signed: no --key FILE was given");
	else write(folder, SIGNED, signStatement(statement, readFileSync(keyFile)));
	write(
		folder,
		SUMS,
		subjectsIn(folder)
			.map(({ name, sha256: sum }) => `${sum}  ${name}\n`)
			.join(""),
	);
	say(`${isDry ? "dry run: " : ""}${tarball}, ${licences.length} licences, ${readdirSync(folder).length} files in ${folder}`);
}

/**
 * Packs twice: whoever packs the same files again gets the same bytes. The lock file goes along as npm-shrinkwrap.json: without it
 * whoever installs the tarball gets other versions than were tested here, and than the SBOM names.
 */
function pack(folder: string, isDry: boolean): string {
	const shrinkwrap = join(ROOT, "npm-shrinkwrap.json");
	copyFileSync(join(ROOT, "package-lock.json"), shrinkwrap);
	try {
		return packTwice(folder, isDry);
	} finally {
		rmSync(shrinkwrap);
	}
}

function packTwice(folder: string, isDry: boolean): string {
	if (isDry) execFileSync(process.execPath, ["scripts/build.mjs", "--if-stale"], { cwd: ROOT, stdio: "inherit" });
	// A dry run builds no APK and no pages: what was built of them already goes in.
	const scripts = (again: boolean) => (isDry || again ? ["--ignore-scripts"] : []);
	const once = (again: boolean) => {
		const to = join(folder, again ? ".again" : ".once");
		mkdirSync(to);
		npm(["pack", "--pack-destination", to, ...scripts(again)]);
		const [name = ""] = readdirSync(to);
		return { name, path: join(to, name) };
	};
	const first = once(false);
	const second = once(true);
	if (sha256(readFileSync(first.path)) !== sha256(readFileSync(second.path)))
		throw new Error("npm pack gave other bytes the second time: was a file written meanwhile?");
	renameSync(first.path, join(folder, first.name));
	for (const name of [".once", ".again"]) rmSync(join(folder, name), { recursive: true });
	return first.name;
}

function checkLicences(): void {
	const packages = [...shippedPackages(ROOT), ...VENDORED];
	const bad = packages.filter(({ licence }) => !isAllowed(licence));
	if (bad.length === 0) return;
	const list = bad.map(({ name, version, licence }) => `${name}@${version} (${licence || "names none"})`).join(", ");
	throw new Error(`these may not ship: ${list}. Go without them, or add their licence in scripts/releasing/licences.ts`);
}

/** Stops for a hole that is high or critical in what ships. A registry that cannot be asked is said, and no reason to stop. */
function audit(): void {
	const { stdout } = spawnSync("npm", ["audit", "--omit=dev", "--json"], { cwd: ROOT, encoding: "utf8", timeout: 120_000 });
	let found: unknown;
	try {
		found = Reflect.get(Reflect.get(JSON.parse(stdout), "metadata"), "vulnerabilities");
	} catch {
		say("npm audit was skipped: the registry did not answer it. Run it elsewhere before this goes out.");
		return;
	}
	const count = (severity: string) => Number(typeof found === "object" && found !== null ? Reflect.get(found, severity) : 0);
	const grave = count("high") + count("critical");
	if (grave > 0) throw new Error(`npm audit names ${grave} high or critical holes in what ships: npm audit --omit=dev`);
	say(`npm audit: ${count("total")} known holes in what ships, none high or critical`);
}

function verifyRelease(folder: string, keyFile: string | undefined): void {
	if (keyFile === undefined) throw new Error("--verify needs --key FILE, the public key of whoever released it");
	const subjects = verifyStatement(readFileSync(join(folder, SIGNED), "utf8"), readFileSync(keyFile));
	const there = new Map(subjectsIn(folder).map(({ name, sha256: sum }) => [name, sum]));
	for (const { name, sha256: sum } of subjects)
		if (there.get(name) !== sum) throw new Error(`${name} is ${there.has(name) ? "not what was released" : "missing"}`);
	say(`all ${subjects.length} files are what was released`);
}

function subjectsIn(folder: string): Subject[] {
	return readdirSync(folder)
		.filter((name) => !name.startsWith(".") && ![SUMS, PROVENANCE, SIGNED].includes(name))
		.sort()
		.map((name) => ({ name, sha256: sha256(readFileSync(join(folder, name))) }));
}

function write(folder: string, name: string, text: string): void {
	writeFileSync(join(folder, name), text);
}

function npm(args: readonly string[]): string {
	return execFileSync("npm", [...args], { cwd: ROOT, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"], maxBuffer: 1 << 28 });
}

function git(args: readonly string[]): string {
	return execFileSync("git", [...args], { cwd: ROOT, encoding: "utf8" }).trim();
}

/** Seconds since 1970-01-01T00:00:00Z. */
function commitTime(): number {
	return Number(git(["log", "-1", "--format=%ct"]));
}
