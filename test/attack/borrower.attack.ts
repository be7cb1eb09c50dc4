import { dammDigit } from "../../proto/damm.ts";
import { writeReleaseCode } from "../../proto/release-code.ts";
import { wire } from "../../proto/wire.ts";
import { auditRecord } from "../../provisioning/audit/audit-record.ts";
import { readFacts } from "../../provisioning/handset/facts.ts";
import { DEFAULT_POLICY, preflight } from "../../provisioning/handset/preflight.ts";
import { createNodeCrypto } from "../../provisioning/registry/node-crypto.ts";
import { openTcp } from "../../provisioning/transport/tcp.ts";
import { DAY, TestLender, termsOf } from "../agent/test-lender.ts";
import { boundPhone, type TestPhone } from "../agent/test-phone.ts";
import { openLab } from "../lab/lab.ts";
import { contractRequest } from "../provisioning/registry/test-registry.ts";
import type { Attack } from "./attack.ts";
import { each, refusalOf, type Stage } from "./stage.ts";

const BUDGET_DAYS = 40;

async function inDebt(): Promise<{ lender: TestLender; phone: TestPhone }> {
	const offline = {
		budgetSeconds: BUDGET_DAYS * DAY,
		warnAtRemainingSeconds: [3 * DAY, DAY],
		level: wire.RestrictionLevel.RESTRICTION_LEVEL_LIMITED,
	};
	const lender = await TestLender.create(termsOf({ offline }));
	lender.codeKey = new Uint8Array(32).fill(5);
	const phone = await boundPhone(lender);
	for (let day = 0; day < 60 && phone.standing !== "LOCKED_FULL"; day += 1) {
		phone.pass(DAY);
		await phone.checkIn(lender);
	}
	if (phone.standing !== "LOCKED_FULL") throw new Error(`the phone is ${phone.standing}`);
	return { lender, phone };
}

const hardware = (id: string, attack: string, expected: string): Attack => ({ id, attack, source: "Xiaomi table", expected });

/** A virtual handset with a fault, as a station meets it. */
async function preflightOf(stage: Stage, fault: string): Promise<string> {
	const lab = await openLab({ stateFolder: `${stage.folder}/lab-${fault.replaceAll(/\W/g, "-")}`, transport: "in-process" });
	try {
		const handset = await lab.add({ faults: [fault] });
		const port = await openTcp({ host: "127.0.0.1", port: handset.port, keyFolder: `${stage.folder}/keys` });
		const findings = preflight(await readFacts(port), { ...DEFAULT_POLICY, ownerIsOurs: false });
		await port.close();
		return (
			findings
				.map(({ code }) => code)
				.sort()
				.join(", ") || "nothing found"
		);
	} finally {
		await lab.close();
	}
}

/** The one who has the phone, and would rather not pay. */
export const borrowerAttacks: readonly Attack[] = [
	{
		id: "ledger-deleted",
		source: "plan",
		attack: "The agent's ledger is deleted, torn and filled with rubbish on a locked phone",
		expected: "each LOCKED_FULL (3)",
		async run() {
			const standings = [];
			for (const stored of [new Uint8Array(), undefined, new Uint8Array(500).fill(0xa5)]) {
				const { phone } = await inDebt();
				phone.stored = stored ?? phone.stored.slice(0, 300);
				phone.reboot();
				standings.push(phone.standing);
			}
			return each(standings);
		},
	},
	{
		id: "ledger-restored",
		source: "plan",
		attack: "A copy of the ledger from before the lock is put back",
		expected: "LOCKED_FULL",
		async run() {
			const lender = await TestLender.create(termsOf());
			const phone = await boundPhone(lender);
			const early = phone.stored;
			for (let day = 0; day < 60 && phone.standing !== "LOCKED_FULL"; day += 1) {
				phone.pass(DAY);
				await phone.checkIn(lender);
			}
			phone.stored = early;
			phone.reboot();
			return phone.standing;
		},
	},
	{
		id: "both-memories-restored",
		source: "plan; SECURITY.md, what is not claimed",
		attack: "Ledger and anchor are put back together to the day of the sale: the phone cannot know, and the lender has to",
		expected: "the registry refuses the next check-in: CHECK_IN_REPLAYED",
		async run(stage) {
			const { phone } = await stage.enrolled("RESTORE-1");
			for (let times = 0; times < 3; times += 1) phone.takeReply(await stage.registry.port.relayCheckIn(await phone.checkIn()));
			phone.counter = 0;
			const answer = await stage.call("POST", "/v1/device/check-in", {
				body: await phone.checkIn(),
				headers: { "content-type": "application/x-protobuf" },
			});
			return `the registry refuses the next check-in: ${answer.code || answer.status}`;
		},
	},
	{
		id: "clock-set-back",
		source: "plan",
		attack: "The phone is switched off and on with its clock in another year; only powered-on time counts",
		expected: "LOCKED_FULL after 20 restarts",
		async run() {
			const { phone } = await inDebt();
			for (let times = 0; times < 20; times += 1) {
				phone.unixSeconds -= 400 * DAY;
				phone.reboot();
			}
			return `${phone.standing} after 20 restarts`;
		},
	},
	{
		id: "offline-for-ever",
		source: "plan",
		attack: "The borrower never lets the phone reach the lender again, and reboots it every hour",
		expected: "LOCKED within the budget and a day",
		async run() {
			const offline = {
				budgetSeconds: 10 * DAY,
				warnAtRemainingSeconds: [3 * DAY, DAY],
				level: wire.RestrictionLevel.RESTRICTION_LEVEL_LIMITED,
			};
			const phone = await boundPhone(await TestLender.create(termsOf({ offline })));
			let hours = 0;
			for (; hours < 30 * 24 && !phone.standing.startsWith("LOCKED"); hours += 1) {
				phone.pass(3600);
				phone.reboot();
			}
			const isIn = phone.standing.startsWith("LOCKED") && hours <= 11 * 24;
			return isIn ? "LOCKED within the budget and a day" : `${phone.standing} after ${hours} hours`;
		},
	},
	{
		id: "time-code-guessing",
		source: "plan",
		attack: "Three thousand time codes with a right check digit are typed, one each minute",
		expected: "never opened; at most 100 guesses were looked at",
		async run() {
			const { phone } = await inDebt();
			let guesses = 0;
			for (let times = 0; times < 3000; times += 1) {
				const digits = `1030${String(times * 7919).padStart(8, "0")}`;
				const { answer } = phone.send({ codeEntered: { code: digits + dammDigit(digits) } });
				if (answer?.code === "WRONG_CODE") guesses += 1;
				phone.pass(60);
			}
			return `${phone.standing === "LOCKED_FULL" ? "never opened" : phone.standing}; ${guesses <= 100 ? "at most 100 guesses were looked at" : `${guesses} guesses were looked at`}`;
		},
	},
	{
		id: "release-code-guessing",
		source: "plan",
		attack: "Release codes with a right check symbol are typed, five hundred of them",
		expected: "LOCKED_FULL",
		async run() {
			const { phone } = await inDebt();
			for (let times = 0; times < 500; times += 1) {
				const secret = Uint8Array.from({ length: 10 }, (_, index) => (times >> index) & 255);
				phone.send({ codeEntered: { code: writeReleaseCode(secret) } });
				phone.pass(60);
			}
			return phone.standing;
		},
	},
	{
		id: "unlocked-bootloader-enrolled",
		source: "Xiaomi table: unlock",
		attack: "A phone with an unlocked bootloader is brought to be enrolled",
		expected: "BOOTLOADER_UNLOCKED, BOOT_STATE_BAD",
		run: (stage) => preflightOf(stage, "bootloader-unlocked"),
	},
	{
		id: "recovery-wipe",
		source: "Xiaomi table: recovery wipe, MiAssistant",
		attack:
			"The phone is wiped from recovery, or with Xiaomi's assistant, and brought back as new: enrolled anew under another contract",
		expected: "refused IMEI_ON_OTHER_CONTRACT",
		async run(stage) {
			const { phone } = await stage.enrolled("WIPE-1");
			await stage.registry.admin.createContract(contractRequest("WIPE-2"));
			return `refused ${await refusalOf(stage.registry.port.offerEnrollment("WIPE-2", phone.identity))}`;
		},
	},
	{
		id: "agent-gone-check-in-stops",
		source: "Xiaomi table: recovery wipe, unlock, EDL",
		attack: "A phone whose agent was wiped away no longer checks in: the buyer asks about it",
		expected: "financed",
		async run(stage) {
			const { phone } = await stage.enrolled("WIPE-3");
			stage.registry.now += 200 * DAY;
			const { text } = await stage.call("GET", `/v1/imei/${phone.identity.imei1}`, { headers: { "x-from": "buyer" } });
			stage.registry.now -= 200 * DAY;
			const status: unknown = JSON.parse(text).status ?? JSON.parse(text).code;
			return String(status);
		},
	},
	{
		id: "record-forged",
		source: "plan; F12",
		attack: "The borrower shortens, reorders and changes their record before giving it to a court",
		expected: "untouched: ok; of 60 changed ones, none ok",
		async run() {
			const { phone } = await inDebt();
			const file = phone.takeRecord();
			const crypto = createNodeCrypto();
			const verdict = (bytes: Uint8Array) => auditRecord({ crypto, devicePublicKey: phone.key.publicKey }, bytes).verdict;
			let passed = 0;
			for (let change = 0; change < 60; change += 1) {
				const at = Math.floor((file.length * (change + 0.5)) / 60);
				const changed =
					change % 3 === 0 ? file.slice(0, at) : Uint8Array.from(file, (byte, index) => (index === at ? byte ^ 1 : byte));
				if (verdict(changed) === "ok") passed += 1;
			}
			return `untouched: ${verdict(file)}; of 60 changed ones, ${passed === 0 ? "none" : passed} ok`;
		},
	},
	hardware(
		"frp-after-wipe",
		"Recovery wipe: whether factory reset protection with the lender's account holds after it (Android 11 and newer)",
		"the wizard asks for the lender's account",
	),
	hardware(
		"settings-reset",
		"Reset from Settings on a sealed phone, HyperOS 1 to 3",
		"refused by DISALLOW_FACTORY_RESET, no bootloop",
	),
	hardware(
		"mi-assistant",
		"Xiaomi's assistant formats the data of a locked phone over USB",
		"detected: the phone stops checking in",
	),
	hardware(
		"fastboot-flash",
		"Fastboot flash and erase on a locked bootloader",
		"Partition flashing is not allowed; Erase is not allowed in Lock State",
	),
	hardware(
		"bootloader-unlock",
		"Unlocking the bootloader after the sale, by Xiaomi's tool or by an exploit of a known patch level",
		"the next attestation says deviceLocked false",
	),
	hardware(
		"edl-mtk",
		"Emergency download mode (Qualcomm, MediaTek), with and without signed authorisation",
		"refused by the boot ROM, but for models that are open",
	),
	hardware(
		"uninstall-force-stop",
		"Uninstall, force stop and clear data of the agent from Settings and from Xiaomi's Security app",
		"refused",
	),
	hardware(
		"safe-mode-adb",
		"Safe mode, and USB debugging switched on again on a sealed phone",
		"refused by DISALLOW_SAFE_BOOT and DISALLOW_DEBUGGING_FEATURES",
	),
	hardware(
		"keystore-anti-restore",
		"Both memories of the agent are put back from a backup of the data partition",
		"the Keystore key is gone with it, or the check-in counter tells",
	),
];
