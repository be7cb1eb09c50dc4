import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";

import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { grantOf } from "../../proto/roles.ts";
import { wire } from "../../proto/wire.ts";
import { openRoleSigners } from "../../provisioning/registry/keys/lender-keys.ts";
import { makeKeysInFiles } from "../../provisioning/registry/keys/make-online-key.ts";
import { proposeKeySet } from "../../provisioning/registry/keys/propose-key-set.ts";
import { createNodeCrypto } from "../../provisioning/registry/node-crypto.ts";
import { holdfastJson, startHoldfast } from "./holdfast-process.ts";

/** Three people, each with a folder that nobody else opens, and the registry's machine. Files are carried by hand. */
const HOLDERS = ["ana", "ben", "caro"] as const;
type Holder = (typeof HOLDERS)[number];

const crypto = createNodeCrypto();
let world: string;
let registry: string;
/** Fingerprint of a key set that was signed and never installed. */
let givenUp = "";
const env = { NO_COLOR: "1" };
const folderOf = (holder: Holder) => join(world, holder);
const passphraseOf = (holder: Holder) => join(world, `${holder}.passphrase`);
const publicPart: Record<string, string> = {};
const keyFile: Record<string, string> = {};

beforeAll(async () => {
	world = await mkdtemp(join(tmpdir(), "holdfast-ceremony-"));
	registry = join(world, "registry", "keys");
	for (const holder of HOLDERS) await writeFile(passphraseOf(holder), `only ${holder} knows this one`, { mode: 0o600 });
});
afterAll(() => rm(world, { recursive: true, force: true }));

const run = async (...args: string[]) => (await holdfastJson(["keys", ...args], { env })).document;
/** A command that does not do what it was asked: exit code and what it says. */
const refused = (...args: string[]) => startHoldfast(["keys", ...args, "--no-input"], { env }).ended;

async function carry(file: string, to: string): Promise<string> {
	await mkdir(to, { recursive: true });
	const there = join(to, basename(file));
	await copyFile(file, there);
	return there;
}

const text = (value: unknown) => String(value);
const propose = (...args: string[]) => run("propose", "--folder", registry, "--insecure-dev", ...args);
const signArgs = (holder: Holder, proposal: string, fingerprint: string) => [
	...["sign", proposal, "--key", keyFile[holder] ?? "", "--fingerprint", fingerprint],
	...["--passphrase-file", passphraseOf(holder)],
];

/** A holder gets the proposal on a stick, signs, and the signature is carried back. */
async function signed(holder: Holder, proposal: string, fingerprint: string, ...more: string[]): Promise<string> {
	const own = await carry(proposal, folderOf(holder));
	const document = await run(...signArgs(holder, own, fingerprint), ...more);
	return carry(text(document.file), join(world, "registry", "inbox"));
}

async function installed(proposal: string, signatures: readonly string[]) {
	const combined = await run("combine", proposal, ...signatures);
	return { combined, done: await run("install", text(combined.keySet), "--folder", registry) };
}

describe("the ceremony", () => {
	test("three people make their root keys, two of them sign, and the registry has its first keys", async () => {
		for (const holder of HOLDERS) {
			const made = await run("root", "new", "--folder", folderOf(holder), "--passphrase-file", passphraseOf(holder));
			keyFile[holder] = text(made.keyFile);
			expect(await readFile(keyFile[holder], "utf8")).toMatch(/^-----BEGIN HOLDFAST SEALED KEY-----/);
			publicPart[holder] = await carry(text(made.publicFile), join(world, "registry", "inbox"));
			// Compared aloud with what the holder wrote down.
			expect((await run("show", publicPart[holder])).fingerprint).toBe(made.fingerprint);
		}
		const parts = HOLDERS.map((holder) => publicPart[holder] ?? "");
		const { proposal, fingerprint, words } = await propose("--lender", "acme-mx", "--root", ...parts);
		expect(text(fingerprint)).toMatch(/^([0-9A-Z]{4}-){3}[0-9A-Z]{4}$/);
		expect(words).toContain("Root: any 2 of these 3 keys change who may do what.");
		const ana = await signed("ana", text(proposal), text(fingerprint));

		const alone = await refused("combine", text(proposal), ana, ana);
		expect([alone.code, alone.stderr]).toEqual([4, expect.stringContaining("1 of 2 root keys of key set 1 have signed")]);

		const ben = await signed("ben", text(proposal), text(fingerprint).toLowerCase().replaceAll("-", " "));
		const { combined, done } = await installed(text(proposal), [ana, ben, ana]);
		expect(combined).toMatchObject({ signedBy: { length: 2 }, repeated: 1 });
		expect(done).toMatchObject({ lender: "acme-mx", version: 1, epoch: 1, isNew: true });
		expect(await run("install", text(combined.keySet), "--folder", registry)).toMatchObject({ isNew: false });

		const keys = await openRoleSigners(registry, { insecureDev: true } as const);
		expect(grantOf(keys.current, wire.Role.ROLE_ROOT)).toMatchObject({ threshold: 2, keys: { length: 3 } });
		expect(keys.signer("command")?.keyid).toBe(grantOf(keys.current, wire.Role.ROLE_COMMAND).keys[0]?.keyid);
	}, 240_000);

	test("a wrong passphrase, another fingerprint, a changed or foreign file and a stranger's key sign nothing", async () => {
		const { proposal, fingerprint, words } = await propose("--renew", "command", "--new-epoch");
		expect(words).toContain("EPOCH 1 BECOMES 2: phones count orders anew. This is done after a theft of a key.");
		const file = text(proposal);
		const wrong = await refused(...signArgs("ana", file, text(fingerprint)).slice(0, -1), passphraseOf("ben"));
		expect(wrong.stderr).toContain("PASSPHRASE_WRONG");
		const misheard = await refused(...signArgs("ana", file, "0000-0000-0000-0000"));
		expect(misheard.stderr).toContain("FINGERPRINT_DIFFERS");
		const unsaid = await refused("sign", file, "--key", keyFile.ana ?? "", "--passphrase-file", passphraseOf("ana"));
		expect([unsaid.code, unsaid.stderr]).toEqual([64, expect.stringContaining("--fingerprint")]);

		const bytes = await readFile(file);
		bytes[bytes.length - 300] = (bytes[bytes.length - 300] ?? 0) ^ 1;
		const changed = join(world, "changed.proposal");
		await writeFile(changed, bytes);
		expect((await refused(...signArgs("ana", changed, text(fingerprint)))).stderr).toMatch(
			/PROPOSAL_INVALID|FINGERPRINT_DIFFERS/,
		);
		const foreign = await refused(...signArgs("ana", publicPart.ana ?? "", text(fingerprint)));
		expect(foreign.stderr).toContain("PROPOSAL_INVALID");

		const stranger = await run("root", "new", "--folder", join(world, "dora"), "--passphrase-file", passphraseOf("ana"));
		const outsider = await refused(
			...["sign", file, "--key", text(stranger.keyFile), "--fingerprint", text(fingerprint)],
			...["--passphrase-file", passphraseOf("ana")],
		);
		expect(outsider.stderr).toContain("NOT_A_ROOT_KEY");
		const swapped = await refused(
			...["propose", "--folder", join(world, "other"), "--insecure-dev", "--lender", "acme-mx"],
			...["--root", publicPart.ana ?? "", publicPart.ana ?? "", publicPart.ben ?? ""],
		);
		expect(swapped.stderr).toContain("These are 2");
		const tooLong = await refused("propose", "--folder", registry, "--insecure-dev", "--days", "command=91");
		expect(tooLong.stderr).toContain("a command key may not live longer than 90 days. Nothing was made.");
	}, 240_000);

	test("a holder who signed something else is found out, and signs no second key set of one version unasked", async () => {
		const one = await propose("--renew", "command");
		const other = await propose("--renew", "heartbeat");
		const ana = await signed("ana", text(one.proposal), text(one.fingerprint));
		const ben = await signed("ben", text(other.proposal), text(other.fingerprint));
		const mixed = await refused("combine", text(one.proposal), ana, ben);
		expect(mixed.stderr).toContain(`signs something else: fingerprint ${text(other.fingerprint)}`);

		const twice = await refused(...signArgs("ben", text(one.proposal), text(one.fingerprint)));
		expect(twice.stderr).toContain(
			`SIGNED_ANOTHER: You signed another key set 2 before, with the fingerprint ${text(other.fingerprint)}`,
		);
		const again = await signed("ben", text(one.proposal), text(one.fingerprint), "--instead-of", text(other.fingerprint));
		const { done } = await installed(text(one.proposal), [ana, again]);
		expect(done).toMatchObject({ version: 2, epoch: 1 });

		givenUp = text(other.fingerprint);
		// What was proposed for version 2 comes too late, however well it is signed.
		const late = await run(
			"combine",
			text(other.proposal),
			ben,
			await signed("caro", text(other.proposal), text(other.fingerprint)),
		);
		const refusedLate = await refused("install", text(late.keySet), "--folder", registry);
		expect(refusedLate.stderr).toContain("KEY_SETS_INVALID");
	}, 240_000);

	test("one root key is lost: the two others put a new one in its place, and the lost one counts no more", async () => {
		const dora = await run("root", "new", "--folder", join(world, "dora-2"), "--passphrase-file", passphraseOf("caro"));
		const before = await openRoleSigners(registry, { insecureDev: true } as const);
		const [ana = "", ben = "", caro = ""] = HOLDERS.map((holder) => basename(keyFile[holder] ?? "").slice(5, 21));
		const { proposal, fingerprint, words } = await propose("--renew", "command", "--root", ana, ben, text(dora.publicFile));
		const spoken = (keyid: string) => keyid.match(/.{4}/g)?.join(" ");
		expect(words).toEqual(expect.arrayContaining([`  ${spoken(caro)}  LEAVES`, `  ${spoken(ana)}  stays`]));
		const signatures = [
			await signed("ana", text(proposal), text(fingerprint)),
			await signed("ben", text(proposal), text(fingerprint)),
		];
		expect((await installed(text(proposal), signatures)).done).toMatchObject({ version: 3 });
		const after = await openRoleSigners(registry, { insecureDev: true } as const);
		expect(after.signer("heartbeat")?.keyid).toBe(before.signer("heartbeat")?.keyid);
		expect(after.signer("command")?.keyid).not.toBe(before.signer("command")?.keyid);
		const next = await propose("--renew", "command");
		const caroSigns = signArgs("caro", text(next.proposal), text(next.fingerprint));
		expect((await refused(...caroSigns)).stderr).toContain(`SIGNED_ANOTHER: Key set 2 in this proposal`);
		const gone = await refused(...caroSigns, "--instead-of", givenUp);
		expect(gone.stderr).toContain("NOT_A_ROOT_KEY");
	}, 240_000);

	test("a key set whose time is over is neither signed nor installed", async () => {
		const folder = join(world, "late");
		const protection = { insecureDev: true } as const;
		const { file, proposal } = await proposeKeySet({
			...{ crypto, folder, protection, lenderId: "acme-mx", nowMs: Date.now() - 100 * 24 * 3600 * 1000 },
			roots: HOLDERS.map((holder) => publicPart[holder] ?? ""),
			makeKey: makeKeysInFiles(crypto, protection),
		});
		const late = await refused(...signArgs("caro", file, proposal.fingerprint));
		expect(late.stderr).toContain("KEY_SET_EXPIRED");
		expect(late.stderr).toContain("This machine says that today is");
	}, 240_000);
});
