import { decode, encode } from "../../proto/codec.ts";
import type { Signer } from "../../proto/crypto.ts";
import { PayloadType, seal } from "../../proto/envelope.ts";
import { wire } from "../../proto/wire.ts";
import { DAY, EPOCH, HOUR, type OrderChanges, readCheckIn, TestLender, termsOf } from "../agent/test-lender.ts";
import { boundPhone, TestPhone } from "../agent/test-phone.ts";
import { createTestSigner } from "../agent/test-signer.ts";
import type { Attack } from "./attack.ts";
import { each } from "./stage.ts";

const { RESTRICTION_LEVEL_FULL: FULL, RESTRICTION_LEVEL_LIMITED: LIMITED } = wire.RestrictionLevel;
/** F1, F2: never taken away. */
const HELP = ["emergencyCall", "incomingCalls", "supportLine", "payApp", "internet", "messagesAndAlerts"];
const NO_LIMIT = { budgetSeconds: 0, warnAtRemainingSeconds: [], level: LIMITED };

async function bound(): Promise<{ lender: TestLender; phone: TestPhone }> {
	const lender = await TestLender.create(termsOf({ offline: NO_LIMIT }));
	return { lender, phone: await boundPhone(lender) };
}

const rules = (outcomes: readonly { readonly rule: string }[]) => outcomes.map(({ rule }) => rule || "accepted").join(", ");

async function given(
	changes: OrderChanges,
	before: (lender: TestLender, phone: TestPhone) => Promise<void> = async () => {},
): Promise<string> {
	const { lender, phone } = await bound();
	await before(lender, phone);
	const answer = rules(await phone.deliver(lender, changes));
	return `${answer}; ${phone.standing}`;
}

async function lockForDebt(lender: TestLender, phone: TestPhone): Promise<void> {
	for (let day = 0; day < 60 && phone.standing !== "LOCKED_FULL"; day += 1) {
		phone.pass(DAY);
		await phone.checkIn(lender);
	}
	if (phone.standing !== "LOCKED_FULL") throw new Error(`the phone is ${phone.standing}`);
}

/** Whoever has one of the lender's keys, against a real agent. */
export const stolenKeyAttacks: readonly Attack[] = [
	{
		id: "command-key-locks-at-once",
		source: "plan; SECURITY.md",
		attack: "A stolen command key locks a paid-up phone, fully, for fraud, now",
		expected: "F3; UNLOCKED",
		run: () => given({ restrict: { level: FULL }, reason: wire.ReasonCode.REASON_CODE_FRAUD }),
	},
	{
		id: "command-key-whole-fortnight",
		source: "plan; SECURITY.md",
		attack: "A stolen command key orders the full lock every hour for two weeks, at a phone that nobody looks at",
		expected: "no lock without notices in 336 orders; help never restricted",
		async run() {
			const { lender, phone } = await bound();
			phone.looksAtNotices = false;
			const locked = new Set<string>();
			let help = false;
			for (let hour = 0; hour < 336; hour += 1) {
				phone.pass(HOUR);
				await phone.deliver(lender, { restrict: { level: FULL }, reason: wire.ReasonCode.REASON_CODE_FRAUD });
				if (phone.standing.startsWith("LOCKED")) locked.add(phone.standing);
				help ||= HELP.some((control) => phone.restricted.includes(control));
			}
			return `${locked.size === 0 ? "no lock without notices in 336 orders" : [...locked].join()}; ${help ? "help was restricted" : "help never restricted"}`;
		},
	},
	{
		id: "command-key-at-a-locked-phone",
		source: "plan; SECURITY.md",
		attack: "A stolen command key tightens a phone that is fully locked for debt, to take emergency calls, pay app and support",
		expected: "LOCKED_FULL; of 6 kinds of help, none restricted",
		async run() {
			const { lender, phone } = await bound();
			await lockForDebt(lender, phone);
			await phone.deliver(lender, { restrict: { level: FULL }, reason: wire.ReasonCode.REASON_CODE_FRAUD });
			await phone.deliver(lender, { restrict: { level: 99 as never }, reason: wire.ReasonCode.REASON_CODE_FRAUD });
			const taken = HELP.filter((control) => phone.restricted.includes(control));
			return `${phone.standing}; of ${HELP.length} kinds of help, ${taken.join() || "none"} restricted`;
		},
	},
	{
		id: "command-key-releases",
		source: "plan",
		attack: "A command key signs a release, to free phones for a friend",
		expected: "WRONG_ROLE; UNLOCKED",
		async run() {
			const { lender, phone } = await bound();
			const answer = rules(await phone.deliver(lender, { release: { certificateId: "P" }, signers: lender.keys.command }));
			return `${answer}; ${phone.standing}`;
		},
	},
	{
		id: "release-key-locks",
		source: "plan",
		attack: "The release, heartbeat, enroll and root keys each sign a lock",
		expected: "release: WRONG_ROLE, heartbeat: UNTRUSTED, enroll: UNTRUSTED, root: UNTRUSTED; none locked",
		async run() {
			const answers: string[] = [];
			let locked = 0;
			for (const role of ["release", "heartbeat", "enroll", "root"] as const) {
				const { lender, phone } = await bound();
				answers.push(
					`${role}: ${rules(await phone.deliver(lender, { restrict: { level: FULL }, signers: lender.keys[role].slice(0, 1) }))}`,
				);
				if (phone.standing !== "UNLOCKED") locked += 1;
			}
			return `${answers.join(", ")}; ${locked === 0 ? "none" : locked} locked`;
		},
	},
	{
		id: "command-key-expired",
		source: "plan",
		attack: "A command key that was stolen long ago locks after its 90 days",
		expected: "ROLE_EXPIRED",
		async run() {
			const { lender, phone } = await bound();
			for (let day = 0; day < 85; day += 5) {
				phone.pass(5 * DAY);
				await phone.checkIn(lender);
				await phone.deliver(lender, { extend: { paidUntilUnixSeconds: EPOCH + 200 * DAY }, signers: lender.keys.command });
			}
			return rules(await phone.deliver(lender, { restrict: { level: LIMITED } }));
		},
	},
	{
		id: "one-root-key-rotates",
		source: "TUF; plan",
		attack: "One of three root keys, stolen, signs a key set with the thief's command key",
		expected: "refused; the phone keeps version 1",
		async run() {
			const { lender, phone } = await bound();
			const thief = createTestSigner();
			const [root] = lender.keys.root;
			const keySet = await forgedKeySet(lender, { command: [thief] }, [root as Signer, thief]);
			return tookKeys(lender, phone, keySet);
		},
	},
	{
		id: "key-set-downgrade",
		source: "TUF 5.3.5; plan",
		attack: "After a rotation that a theft made necessary, the set with the stolen key is given again",
		expected: "stolen key after it: UNTRUSTED",
		async run() {
			const { lender, phone } = await bound();
			const stolen = lender.keys.command;
			await lender.rotate(["command"]);
			await phone.deliver(lender, { newKeys: { keySetEnvelopes: lender.keySetEnvelopes.slice(1) }, signers: stolen });
			await phone.deliver(lender, { newKeys: { keySetEnvelopes: lender.keySetEnvelopes.slice(0, 1) } });
			const answer = rules(await phone.deliver(lender, { notice: noticeOf("n9"), signers: stolen }));
			return `stolen key after it: ${answer}`;
		},
	},
	{
		id: "epoch-replay",
		source: "plan",
		attack: "Orders of an epoch that ended by a theft are given again after it",
		expected: "WRONG_EPOCH",
		async run() {
			const { lender, phone } = await bound();
			const stolen = lender.keys.command;
			const old = await lender.order({ notice: noticeOf("n8"), sequence: 500 });
			await lender.rotate(["command", "heartbeat"], { epoch: 2 });
			await phone.deliver(lender, {
				newKeys: { keySetEnvelopes: lender.keySetEnvelopes.slice(1) },
				signers: stolen,
				epoch: 1,
				sequence: 1,
			});
			const [outcome] = phone.deliverEnvelopes(old);
			return outcome?.rule === "UNTRUSTED" ? "WRONG_EPOCH" : (outcome?.rule ?? "no answer");
		},
	},
	{
		id: "terms-downgrade",
		source: "plan",
		attack: "A stolen command key sends terms with no notices, no grace and a full lock, without the borrower",
		expected: "refused; grace stays 3 days",
		async run() {
			const { lender, phone } = await bound();
			const harsh = encode(
				wire.Terms,
				termsOf({
					offline: NO_LIMIT,
					ladder: { graceSeconds: 0, limitedDwellSeconds: 0, maxLevel: FULL },
					notices: { count: 0, minSpacingSeconds: 0, minChannels: 0 },
				}),
			);
			const [outcome] = await phone.deliver(lender, { newTerms: { terms: harsh, consent: lender.consent({}, harsh) } });
			const grace = termsIn(phone).ladder?.graceSeconds ?? 0;
			return `${outcome?.rule ? "refused" : "accepted"}; grace stays ${grace / DAY} days`;
		},
	},
	{
		id: "time-forged-forward",
		source: "plan",
		attack: "A stolen heartbeat key says that it is two years later, to make a debt of the future and let codes expire",
		expected: "not locked at once; help never restricted",
		async run() {
			const { lender, phone } = await bound();
			const envelope = phone.startCheckIn();
			phone.cable({ finishCheckIn: { replyEnvelope: await lender.reply(envelope, EPOCH + 730 * DAY) } });
			phone.jump(60);
			const help = HELP.some((control) => phone.restricted.includes(control));
			return `${phone.standing.startsWith("LOCKED") ? `${phone.standing} at once` : "not locked at once"}; ${help ? "help restricted" : "help never restricted"}`;
		},
	},
	{
		id: "reply-replayed",
		source: "plan",
		attack: "An old reply is played again, to keep a phone in an earlier time and away from its orders",
		expected: "refused twice",
		async run() {
			const { lender, phone } = await bound();
			const old = await lender.reply(phone.startCheckIn(), EPOCH + 100);
			phone.cable({ finishCheckIn: { replyEnvelope: old } });
			phone.startCheckIn();
			const again = [
				phone.cable({ finishCheckIn: { replyEnvelope: old } }),
				phone.cable({ finishCheckIn: { replyEnvelope: old } }),
			];
			return again.every(({ refused }) => refused) ? "refused twice" : "taken";
		},
	},
	{
		id: "replay-across-phones",
		source: "plan",
		attack: "A lock and a release signed for one phone are given to another of the same lender, and under another contract",
		expected: "each WRONG_ADDRESSEE (4); UNLOCKED",
		async run() {
			const { lender, phone } = await bound();
			const answers: string[] = [];
			for (const address of [{ deviceId: "0".repeat(32) }, { contractId: "C-2002" }])
				for (const act of [{ restrict: { level: FULL } }, { release: { certificateId: "P" } }])
					answers.push(rules(await phone.deliver(lender, { ...act, ...address })));
			return `${each(answers)}; ${phone.standing}`;
		},
	},
	{
		id: "replay-same-order",
		source: "plan",
		attack: "A payment's extension is given ten times more, and with its signature's other form",
		expected: "each REPLAYED (10); other form: refused",
		async run() {
			const { lender, phone } = await bound();
			const order = await lender.order({ extend: { paidUntilUnixSeconds: EPOCH + 60 * DAY } });
			phone.deliverEnvelopes(order);
			const again = Array.from({ length: 10 }, () => rules(phone.deliverEnvelopes(order)));
			const other = rules(phone.deliverEnvelopes(withHighS(order)));
			return `${each(again)}; other form: ${other === "accepted" ? "accepted" : "refused"}`;
		},
	},
	{
		id: "other-lender-takes-over",
		source: "plan",
		attack: "Somebody with a lender's keys of their own binds a phone that is under contract already",
		expected: "refused; still the first lender's",
		async run() {
			const { phone } = await bound();
			const thief = await TestLender.create(termsOf({ lenderName: "Thief", lenderId: "lender-1" }));
			const reply = phone.cable({ bind: await thief.bind() });
			return `${reply.bindingAccepted ? "bound" : "refused"}; ${termsIn(phone).lenderName === "Banco de Prueba" ? "still the first lender's" : "the thief's"}`;
		},
	},
	{
		id: "imei-clone",
		source: "plan",
		attack: "A phone that took over another's contract is asked to be bound with that one's IMEI, which is not its own",
		expected: "refused IMEI_MISMATCH",
		async run() {
			const lender = await TestLender.create();
			const phone = new TestPhone();
			phone.send({ started: {} });
			phone.facts({ imeis: ["490154203237518"] });
			const { refused } = phone.cable({ bind: await lender.bind() });
			return `refused ${refused?.code ?? "not at all"}`;
		},
	},
	{
		id: "lender-silences-itself",
		source: "plan; F16",
		attack: "A lender that is gone leaves a phone locked for ever",
		expected: "RELEASED",
		async run() {
			const { lender, phone } = await bound();
			await lockForDebt(lender, phone);
			for (let month = 0; month < 14 && phone.standing !== "RELEASED"; month += 1) phone.pass(30 * DAY);
			return phone.standing;
		},
	},
];

const noticeOf = (noticeId: string) => ({
	noticeId,
	kind: wire.NoticeKind.NOTICE_KIND_INFORMATION,
	texts: [{ language: "en", text: "Hello" }],
});

function termsIn(phone: TestPhone) {
	return decode(wire.Terms, phone.ledger.contract?.terms ?? new Uint8Array());
}

async function forgedKeySet(
	lender: TestLender,
	keys: Partial<TestLender["keys"]>,
	signers: readonly Signer[],
): Promise<Uint8Array> {
	const next = new TestLender();
	next.keys = { ...lender.keys, ...keys };
	next.version = lender.version + 1;
	const honest = await next.keySetEnvelope();
	const { payload } = decode(wire.Envelope, honest);
	return seal(wire.KeySet, PayloadType.keySet, decode(wire.KeySet, payload) as wire.KeySet.$Properties, signers);
}

async function tookKeys(lender: TestLender, phone: TestPhone, keySet: Uint8Array): Promise<string> {
	const [outcome] = await phone.deliver(lender, { newKeys: { keySetEnvelopes: [keySet] } });
	const held = readCheckIn(phone.startCheckIn()).keySetVersion;
	return `${outcome?.rule ? "refused" : "accepted"}; the phone keeps version ${held}`;
}

/** (r, n - s) verifies as (r, s) does. */
function withHighS(order: Uint8Array): Uint8Array {
	const groupOrder = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
	const envelope = decode(wire.Envelope, order);
	const signatures = envelope.signatures.map(({ keyid, sig }) => {
		const s = BigInt(`0x${Buffer.from(sig.subarray(32)).toString("hex")}`);
		const high = Buffer.from((groupOrder - s).toString(16).padStart(64, "0"), "hex");
		return { keyid, sig: Uint8Array.from([...sig.subarray(0, 32), ...high]) };
	});
	return encode(wire.Envelope, { ...envelope, signatures });
}
