import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";

import { type Command, InvalidArgumentError } from "commander";
import type {
	AttestationMode,
	AttestationSettingsChange,
	AttestationState,
} from "../registry/attestation/attestation-request.ts";
import { fetchList } from "../registry/attestation/fetch-list.ts";
import { type GoogleList, type ListChange, MAX_LIST_BYTES, readGoogleList } from "../registry/attestation/google-lists.ts";
import { nextTrust } from "../registry/attestation/next-trust.ts";
import { signTrust, TrustError } from "../registry/attestation/trust.ts";
import { toBase64 } from "../registry/base64.ts";
import { type AttestationClient, createAttestationClient } from "../registry/clients/attestation-client.ts";
import { openRoleSigners } from "../registry/keys/lender-keys.ts";
import { perform, withCommonFlags } from "./command.ts";
import type { CommandContext } from "./context.ts";
import { ExitCode } from "./exit-codes.ts";
import { addressOf, defaultDataFolder, type RegistryFlags, withRegistryFlags } from "./registry-access.ts";
import { askPassphrase } from "./secret-prompt.ts";
import { UsageError } from "./usage-error.ts";

interface UpdateFlags extends RegistryFlags {
	readonly keys?: string;
	readonly passphraseFile?: string;
	readonly insecureDev?: boolean;
	readonly days: number;
	readonly acceptRoot: readonly string[];
}

interface PolicyFlags extends RegistryFlags {
	readonly enrollment?: AttestationMode;
	readonly checkIn?: AttestationMode;
	readonly agentCertificate?: readonly string[];
	readonly bootKey?: readonly string[];
	readonly osPatch?: number;
	readonly vendorPatch?: number;
	readonly bootPatch?: number;
	readonly id?: boolean;
	readonly anyTagOrder?: boolean;
}

const DAY = 24 * 3600;
const MOST_DAYS = 90;
const SHOWN = 10;

export function addAttestation(program: Command): void {
	const attestation = program
		.command("attestation")
		.description("how phones prove that their key is in secure hardware: whom to believe, and what is asked for");
	const show = attestation.command("show").description("what is asked for, and whom the registry believes");
	withRegistryFlags(withCommonFlags(show)).action(perform<RegistryFlags>(showState));
	const update = attestation
		.command("update")
		.argument("<list...>", "Google's list of roots, of revoked certificates, or both: files, or https addresses")
		.description("sign Google's lists with the lender's key for bindings and give them to the registry; says what changes")
		.option("--keys <folder>", "the lender's keys (default: keys/ in the data folder)")
		.option("--passphrase-file <file>", "file that holds the passphrase; without it the terminal asks")
		.option("--insecure-dev", "the keys are unencrypted, for trying things out only")
		.option("--days <number>", "go by these lists for so long", days, 30)
		.option("--accept-root <sha256>", "SHA-256 of a new root's key, read elsewhere; repeated for several", collectDigest, []);
	withRegistryFlags(withCommonFlags(update)).action(perform<UpdateFlags>(updateTrust));
	const policy = attestation
		.command("policy")
		.description("change what is asked for; what is not named stays")
		.option("--enrollment <mode>", "required (refuse what is not proven), recorded, or off", mode)
		.option("--check-in <mode>", "required (flag what is not proven; nothing is ever refused), recorded, or off", mode)
		.option("--agent-certificate <sha256>", "a certificate that may sign the agent; repeated for several", collectDigest)
		.option("--boot-key <sha256>", "verified boot key of a self-signed system; repeated for several", collectDigest)
		.option("--os-patch <level>", "oldest patch of the system, YYYYMM; 0 = any", patchLevel)
		.option("--vendor-patch <level>", "oldest patch of the maker's part, YYYYMMDD; 0 = any", patchLevel)
		.option("--boot-patch <level>", "oldest patch of the boot image, YYYYMMDD; 0 = any", patchLevel)
		.option("--id", "the IMEI must be attested")
		.option("--no-id", "the IMEI need not be attested")
		.option("--any-tag-order", "take attestations whose parts are out of order")
		.option("--no-any-tag-order", "refuse them");
	withRegistryFlags(withCommonFlags(policy)).action(perform<PolicyFlags>(changePolicy));
}

async function open(context: CommandContext, flags: RegistryFlags): Promise<AttestationClient> {
	return createAttestationClient(await addressOf(context, flags));
}

async function showState(context: CommandContext, flags: RegistryFlags): Promise<ExitCode> {
	const state = await (await open(context, flags)).read();
	context.output.result({ ok: true, ...state }, linesOf(state));
	return ExitCode.ok;
}

async function updateTrust(context: CommandContext, flags: UpdateFlags, sources: readonly string[]): Promise<ExitCode> {
	const client = await open(context, flags);
	const lists: GoogleList[] = [];
	for (const source of sources) {
		lists.push(await naming(source, async () => readGoogleList(await textOf(source, context.signal))));
	}
	const keys = await openRoleSigners(
		flags.keys ?? join(defaultDataFolder(context.environment), "keys"),
		await protection(context, flags),
	);
	const signer = keys.signer("enroll");
	if (!signer) throw new UsageError("the keys hold no key for bindings (role enroll)");
	const current = await client.trust();
	const nowSeconds = Math.floor(context.clock.nowMs() / 1000);
	const next = await naming("the lists", async () =>
		nextTrust(current, lists, {
			lenderId: keys.lenderId,
			nowSeconds,
			lifeSeconds: flags.days * DAY,
			acceptedRoots: flags.acceptRoot,
		}),
	);
	const { envelope, status } = await signTrust(next.document, next.status, signer);
	const state = await client.install({
		envelope: toBase64(envelope),
		...(status === undefined ? {} : { status: toBase64(status) }),
	});
	const { roots, revoked } = next;
	context.output.result({ ok: true, ...state, changes: { roots, revoked } }, [
		`Version ${state.trust.version} of the lists.`,
		...changeLines("root", roots),
		...changeLines("revoked certificate", revoked),
		...linesOf(state).slice(0, 2),
	]);
	return ExitCode.ok;
}

async function changePolicy(context: CommandContext, flags: PolicyFlags): Promise<ExitCode> {
	const change: AttestationSettingsChange = {
		...(flags.enrollment === undefined ? {} : { enrollment: flags.enrollment }),
		...(flags.checkIn === undefined ? {} : { checkIn: flags.checkIn }),
		...(flags.agentCertificate === undefined ? {} : { agentCertificates: [...flags.agentCertificate] }),
		...(flags.bootKey === undefined ? {} : { bootKeys: [...flags.bootKey] }),
		...(flags.osPatch === undefined ? {} : { osPatchFloor: flags.osPatch }),
		...(flags.vendorPatch === undefined ? {} : { vendorPatchFloor: flags.vendorPatch }),
		...(flags.bootPatch === undefined ? {} : { bootPatchFloor: flags.bootPatch }),
		...(flags.id === undefined ? {} : { needsId: flags.id }),
		...(flags.anyTagOrder === undefined ? {} : { anyTagOrder: flags.anyTagOrder }),
	};
	if (Object.keys(change).length === 0) throw new UsageError("name what is to change; holdfast attestation show says how it is");
	const client = await open(context, flags);
	await client.changeSettings(change);
	const state = await client.read();
	context.output.result({ ok: true, ...state }, linesOf(state));
	return ExitCode.ok;
}

function linesOf({ settings, trust }: AttestationState): string[] {
	const until = trust.expiresAtUnixSeconds === undefined ? "" : `, good until ${isoOf(trust.expiresAtUnixSeconds)}`;
	const floors = [
		["system", settings.osPatchFloor],
		["maker's part", settings.vendorPatchFloor],
		["boot image", settings.bootPatchFloor],
	].flatMap(([what, level]) => (level === 0 ? [] : [`${what} ${level}`]));
	return [
		`Lists: version ${trust.version}${until}${trust.isExpired ? " (EXPIRED: nothing can be verified)" : ""}.`,
		`  ${trust.roots.length} roots; ${trust.revoked === undefined ? "no list of revoked certificates: holdfast attestation update" : `${trust.revoked} revoked certificates`}.`,
		`At enrolment: ${settings.enrollment}. At check-in: ${settings.checkIn}.`,
		`  Agent signed by: ${settings.agentCertificates.join(", ") || "not compared"}.`,
		`  Oldest patches: ${floors.join(", ") || "any"}. IMEI attested: ${settings.needsId ? "asked for" : "compared where it is"}.`,
	];
}

function changeLines(what: string, { added, removed, changed }: ListChange): string[] {
	const some = (names: readonly string[]) => `${names.slice(0, SHOWN).join(", ")}${names.length > SHOWN ? ", ..." : ""}`;
	const line = (verb: string, names: readonly string[]) =>
		names.length === 0 ? [] : [`  ${names.length} ${what}${names.length === 1 ? "" : "s"} ${verb}: ${some(names)}`];
	const lines = [...line("new", added), ...line("gone", removed), ...line("changed", changed)];
	return lines.length > 0 ? lines : [`  No ${what} changed.`];
}

const isoOf = (seconds: number) => new Date(seconds * 1000).toISOString().slice(0, 10);

async function textOf(source: string, signal: AbortSignal): Promise<string> {
	if (/^[a-z][a-z0-9+.-]+:\/\//i.test(source)) {
		if (!URL.canParse(source)) throw new TrustError("it is no address");
		return fetchList(new URL(source), { signal });
	}
	const { size } = await stat(source);
	if (size > MAX_LIST_BYTES) throw new TrustError("it is too large");
	return readFile(source, "utf8");
}

/** Says of which list a refusal is: nothing was changed yet. */
async function naming<Value>(what: string, work: () => Promise<Value>): Promise<Value> {
	try {
		return await work();
	} catch (error) {
		if (error instanceof TrustError) throw new UsageError(`${what}: ${error.message}. Nothing was changed.`);
		if (error instanceof Error && "code" in error && error.code === "ENOENT")
			throw new UsageError(`${what}: there is no such file`);
		throw error;
	}
}

async function protection(context: CommandContext, flags: UpdateFlags) {
	if (flags.insecureDev) return { insecureDev: true } as const;
	return { passphrase: await askPassphrase(context, "Passphrase for the keys", flags.passphraseFile) };
}

function mode(text: string): AttestationMode {
	if (text === "required" || text === "recorded" || text === "off") return text;
	throw new InvalidArgumentError("required, recorded or off");
}

function days(text: string): number {
	const value = Number(text);
	if (!Number.isInteger(value) || value < 1 || value > MOST_DAYS) throw new InvalidArgumentError(`1 to ${MOST_DAYS}`);
	return value;
}

function patchLevel(text: string): number {
	if (text === "0" || /^20\d{2}(0[1-9]|1[0-2])(\d{2})?$/.test(text)) return Number(text);
	throw new InvalidArgumentError("YYYYMM or YYYYMMDD, or 0 for any");
}

function collectDigest(text: string, before: readonly string[] = []): readonly string[] {
	const digest = text.replaceAll(":", "").toLowerCase();
	if (!/^[0-9a-f]{64}$/.test(digest)) throw new InvalidArgumentError("a SHA-256: 64 hex digits");
	return [...new Set([...before, digest])];
}
