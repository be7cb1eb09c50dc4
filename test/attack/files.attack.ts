import { execFile } from "node:child_process";
import { mkdir, readdir, readFile, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { parse } from "csv-parse/sync";
import { zipSync } from "fflate";
import { nobleCrypto } from "../../proto/noble-crypto.ts";
import { openEvidenceLog } from "../../provisioning/cli/evidence-log.ts";
import { readApk } from "../../provisioning/handset/apk.ts";
import { FaultError } from "../../provisioning/handset/fault.ts";
import { toBase64 } from "../../provisioning/registry/base64.ts";
import { FORMULA_START } from "../../provisioning/registry/contracts/csv-line.ts";
import { readKeyFile } from "../../provisioning/registry/keys/key-file.ts";
import { createNodeCrypto } from "../../provisioning/registry/node-crypto.ts";
import { checkManifest } from "../../provisioning/station/batch/manifest-check.ts";
import { textField } from "../../provisioning/station/labels/zpl.ts";
import { startStationServer } from "../../provisioning/station/server/start-station-server.ts";
import { openVoucherStore } from "../../provisioning/station/vouchers/voucher-folder.ts";
import { startHoldfast } from "../e2e/holdfast-process.ts";
import { agentManifest, makeApk, makeKey } from "../provisioning/handset/made-apk.ts";
import { ADMIN_TOKEN, contractRequest } from "../provisioning/registry/test-registry.ts";
import { imeiNumber, sheetXml, xlsxOf } from "../provisioning/station/batch/spreadsheet.ts";
import { createFakeStation } from "../provisioning/station/server/fake-station.ts";
import type { Attack } from "./attack.ts";
import { each, type Stage } from "./stage.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const TRAVERSALS = ["../../../../etc/passwd", "/etc/passwd", "..\\..\\windows", "%2e%2e/%2e%2e/etc/passwd", "C-1\0.txt", "~root"];
const FORMULAS = ["=HYPERLINK(1)", "+1", "-1", "@SUM(1)", "\uff1d1", "\t=1"];
/** Forms of secrets: a private key, a password in an address, tokens of ours and of the usual places. */
const SECRETS = [
	/-----BEGIN (?:RSA |EC |OPENSSH |ENCRYPTED )?PRIVATE KEY-----\s*[A-Za-z0-9+/=]{40}/,
	/\b(?:ghp|gho|ghs|github_pat)_[A-Za-z0-9_]{30,}/,
	/\bAKIA[0-9A-Z]{16}\b/,
	/\bxox[abpr]-[A-Za-z0-9-]{20,}/,
	/\bhfp_[0-9a-f]{20}_(?!A{43})[A-Za-z0-9_-]{43}\b/,
	// Not the example of Standard Webhooks, which its test vectors use.
	/\bwhsec_(?!A{20}|MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw)[A-Za-z0-9+/]{32,}={0,2}/,
	/[a-z]+:\/\/[^\s/:@"'`]+:[^\s/@"'`$<{]{6,}@(?!erp\.example|lists\.example)[a-z0-9.-]+/,
];

async function command(stage: Stage, ...args: readonly string[]) {
	return startHoldfast(args, { env: { HOLDFAST_STATE: join(stage.folder, "state"), NO_COLOR: "1" } }).ended;
}

/** Everything below a folder, by path. */
const filesBelow = async (folder: string) => (await readdir(folder, { recursive: true }).catch(() => [])).sort();

/** Files and texts that somebody brings. */
export const fileAttacks: readonly Attack[] = [
	{
		id: "csv-formulas-into-exports",
		source: "plan: CSV injection",
		attack: "A lender's name, account and consent hold spreadsheet formulas; the contracts are exported",
		expected: "no cell of the export is a formula",
		async run(stage) {
			for (const [index, formula] of FORMULAS.entries()) {
				const request = contractRequest(`CSV-${index}`);
				await stage.call("POST", "/v1/contracts", {
					token: ADMIN_TOKEN,
					json: { ...request, terms: { ...request.terms, lenderName: formula, accountShown: formula } },
				});
				await stage.call("POST", `/v1/contracts/CSV-${index}/payments`, {
					token: ADMIN_TOKEN,
					json: { reference: formula, amountMinor: 1 },
				});
			}
			const answers = await Promise.all(
				["contracts.csv", "payments.csv"].map((name) => stage.call("GET", `/v1/exports/${name}`, { token: ADMIN_TOKEN })),
			);
			if (answers.some(({ status }) => status !== 200)) return each(answers.map(({ status }) => String(status)));
			const texts = answers.map(({ text }) => text);
			const cells = texts
				.flatMap((text) => parse(text.replace(/^\ufeff/, ""), { relax_column_count: true }) as string[][])
				.flat();
			if (cells.length < 30) return `only ${cells.length} cells were exported`;
			const formulas = cells.filter((cell) => FORMULA_START.test(cell));
			return formulas.length === 0 ? "no cell of the export is a formula" : `formulas: ${formulas.slice(0, 3).join(" ")}`;
		},
	},
	{
		id: "csv-formulas-into-imports",
		source: "plan: CSV injection",
		attack: "A file of payments and a list of phones with formulas, in place of numbers",
		expected: "payments: booked 0 of 6; list of phones: refused",
		async run(stage) {
			await stage.registry.admin.createContract(contractRequest("CSV-IN"));
			const rows = FORMULAS.map((formula) => `CSV-IN,"${formula}",1,MXN`).join("\n");
			const result = await stage.registry.console.importPayments({
				file: toBase64(new TextEncoder().encode(`contract,reference,amount,currency\n${rows}\n`)),
				dryRun: false,
			});
			const manifest = await checkManifest(
				new TextEncoder().encode(`contract,imei,model\n=cmd|' /C calc'!A0,${imeiNumber(1)},x\n`),
			);
			return `payments: booked ${result.booked} of ${FORMULAS.length}; list of phones: ${manifest.ok ? "taken" : "refused"}`;
		},
	},
	{
		id: "zpl-injection",
		source: "plan",
		attack: "A contract number with printer commands comes to a label",
		expected: "no command in what is printed",
		async run() {
			const field = textField("C^XZ~JR^XA^DFR:EVIL^FS_5E", { x: 0, y: 0, height: 20 });
			const data = field.slice(field.indexOf("^FD") + 3, field.lastIndexOf("^FS"));
			return /[\^~]/.test(data) ? `commands: ${data}` : "no command in what is printed";
		},
	},
	{
		id: "path-traversal-ids",
		source: "plan: path traversal",
		attack: "Contract numbers, enrolments and batches named as paths to other folders make files of a station",
		expected: "nothing outside the folder; 12 files in it",
		async run(stage) {
			const folder = join(stage.folder, "traversal", "state");
			const { phone, offer } = await stage.enrolled("TRAVERSAL");
			await mkdir(folder, { recursive: true });
			for (const name of TRAVERSALS) {
				const log = await openEvidenceLog(folder, name, 0);
				await log.close();
				const store = await openVoucherStore(join(folder, "vouchers"));
				await store.put({ handset: phone.identity, offer: { ...offer, contractId: name } });
			}
			const outside = (await filesBelow(join(stage.folder, "traversal"))).filter((path) => !path.startsWith("state"));
			const escaped = await stat("/etc/passwd.jsonl").then(
				() => ["/etc"],
				() => [],
			);
			const inside = (await filesBelow(folder)).filter((path) => /\.(?:jsonl|voucher)$/.test(path));
			return `${outside.length + escaped.length === 0 ? "nothing outside the folder" : outside.join()}; ${inside.length} files in it`;
		},
	},
	{
		id: "path-traversal-urls",
		source: "plan: path traversal",
		attack: "The station's page is asked for files above its folder, plain, encoded and doubly encoded",
		expected: "none of 6 answered with the file",
		async run(stage) {
			const pageFolder = join(stage.folder, "page");
			await mkdir(join(pageFolder, "assets"), { recursive: true });
			await writeFile(join(pageFolder, "secret.txt"), "THE-SECRET");
			await symlink(join(pageFolder, "secret.txt"), join(pageFolder, "assets", ".hidden"));
			const server = await startStationServer({ station: createFakeStation(), pageFolder });
			try {
				const paths = [
					"/assets/../secret.txt",
					"/assets/%2e%2e/secret.txt",
					"/assets/..%2fsecret.txt",
					"/assets/%252e%252e%252fsecret.txt",
					"/assets/..\\secret.txt",
					"/assets/.hidden",
				];
				const texts = await Promise.all(paths.map(async (path) => (await fetch(`${server.url}${path}`)).text()));
				const leaked = texts.filter((text) => text.includes("THE-SECRET")).length;
				return `${leaked === 0 ? "none" : leaked} of ${paths.length} answered with the file`;
			} finally {
				await server.close();
			}
		},
	},
	{
		id: "command-line-file-arguments",
		source: "plan: path traversal in every file argument",
		attack: "Folders, devices, nothing and a symbolic link to a secret are given where the command line takes a file",
		expected: "each refused with words (6); no stack, no secret",
		async run(stage) {
			const secret = join(stage.folder, "secret.txt");
			const link = join(stage.folder, "link");
			await writeFile(secret, "TOP-SECRET-LINE\n");
			await symlink(secret, link).catch(() => {});
			const batch = "../../escape";
			const ends = await Promise.all([
				command(stage, "audit", "verify", stage.folder),
				command(stage, "audit", "verify", link),
				command(stage, "code", "release", "--share", link, "--share", link),
				command(stage, "station", "run", "--manifest", stage.folder, "--no-input"),
				command(stage, "station", "report", batch),
				command(stage, "audit", "verify", join(stage.folder, "none")),
			]);
			const said = ends.map(({ stdout, stderr }) => stdout + stderr).join("\n");
			const kinds = ends.map(({ code, stderr }) =>
				code !== 0 && code !== null && stderr.trim() !== "" ? "refused with words" : `ended with ${code}`,
			);
			return `${each(kinds)}; ${/\n\s+at .*(?:\.ts|\.js):\d+/.test(said) ? "a stack" : "no stack"}, ${said.includes("TOP-SECRET-LINE") ? "the secret" : "no secret"}`;
		},
	},
	{
		id: "zip-bombs",
		source: "plan: huge replies",
		attack: "A list of phones and an APK that unpack to eighty megabytes of nothing, and a sheet with a cell in its last corner",
		expected: "each refused (3)",
		async run() {
			const zeros = new Uint8Array(80 * 1024 * 1024);
			const bomb = zipSync({ "xl/worksheets/sheet1.xml": zeros, "[Content_Types].xml": zeros.subarray(0, 10) }, { level: 1 });
			const corner = xlsxOf({
				manifest: sheetXml([["contract", "imei"]]).replace(
					"</sheetData>",
					'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>',
				),
			});
			const apk = zipSync({ "AndroidManifest.xml": zeros }, { level: 1 });
			const refused = (ok: boolean) => (ok ? "taken" : "refused");
			let isApk = true;
			try {
				readApk(apk);
			} catch (error) {
				if (!(error instanceof FaultError)) throw error;
				isApk = false;
			}
			return each([refused((await checkManifest(bomb)).ok), refused((await checkManifest(corner)).ok), refused(isApk)]);
		},
	},
	{
		id: "agent-downgrade",
		source: "plan: downgrade of agent",
		attack: "An APK that somebody else signed, or whose manifest was changed after signing, is given as the agent",
		expected: "other signer: told apart; changed: APK_UNREADABLE",
		async run() {
			const [ours, theirs] = [makeKey("p256"), makeKey("p256")];
			const genuine = makeApk(agentManifest(), ours);
			const forged = makeApk(agentManifest({ application: [["debuggable", true]] }), theirs);
			const signers = (apk: Uint8Array) => readApk(apk, nobleCrypto).signerSha256.join();
			const changed = Uint8Array.from(genuine);
			changed[60] = (changed[60] ?? 0) ^ 1;
			let said = "taken";
			try {
				readApk(changed);
			} catch (error) {
				if (!(error instanceof FaultError)) throw error;
				said = error.fault.code;
			}
			return `other signer: ${signers(genuine) === signers(forged) ? "the same" : "told apart"}; changed: ${said}`;
		},
	},
	{
		id: "key-file-of-somebody-else",
		source: "plan",
		attack: "A key file that others can read, one without encryption, and one that is no key are put in the key folder",
		expected: "KEY_FILE_OPEN_TO_OTHERS, KEY_FILE_INSECURE, KEY_FILE_INVALID",
		async run(stage) {
			const crypto = createNodeCrypto();
			const online = join(stage.registry.keysFolder, "online");
			const name = (await readdir(online)).find((file) => file.startsWith("command")) ?? "";
			const text = await readFile(join(online, name), "utf8");
			const put = async (file: string, content: string, mode: number) => {
				const path = join(stage.folder, file);
				await writeFile(path, content, { mode });
				return path;
			};
			const codeOf = (path: string, protection: Parameters<typeof readKeyFile>[2]) =>
				readKeyFile(crypto, path, protection).then(
					() => "taken",
					(error: { code?: string }) => error.code ?? "threw",
				);
			return [
				await codeOf(await put("open.key", text, 0o644), { insecureDev: true }),
				await codeOf(await put("plain.key", text, 0o600), { passphrase: "a passphrase of words" }),
				await codeOf(await put("none.key", "hello", 0o600), { insecureDev: true }),
			].join(", ");
		},
	},
	{
		id: "secrets-in-the-repository",
		source: "plan: secrets scan",
		attack: "The repository is searched for private keys, tokens and passwords",
		expected: "none in more than 1000 files",
		async run() {
			const { stdout } = await promisify(execFile)("git", ["ls-files", "-z"], { cwd: ROOT, maxBuffer: 16 * 1024 * 1024 });
			const files = stdout.split("\0").filter((path) => path !== "" && !/\.(?:png|webp|apk|woff2?)$/.test(path));
			const found: string[] = [];
			for (const path of files) {
				const text = await readFile(join(ROOT, path), "utf8").catch(() => "");
				if (SECRETS.some((form) => form.test(text))) found.push(path);
			}
			return found.length === 0 ? `none in ${files.length > 1000 ? "more than 1000" : files.length} files` : found.join(", ");
		},
	},
	{
		id: "secrets-in-the-server-log",
		source: "plan: secrets scan; OWASP A09:2021",
		attack: "A registry's files on disk are read for the tokens that were used with it",
		expected: "no token in what the server keeps",
		async run(stage) {
			const token = await stage.program(["auditor"]);
			await stage.call("GET", `/v1/contracts?token=${token}`, { token });
			const folder = stage.registry.folder;
			const kept = (await filesBelow(folder)).filter((path) => /\.(?:log|json|jsonl|txt|conf)$/.test(path));
			const texts = await Promise.all(kept.map((path) => readFile(join(folder, path), "utf8").catch(() => "")));
			return texts.some((text) => text.includes(token.slice(-43)) || text.includes(ADMIN_TOKEN))
				? "a token"
				: "no token in what the server keeps";
		},
	},
];
