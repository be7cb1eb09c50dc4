/** A place in the sources: the line that holds a text. The generator finds its number, and stops if it is gone. */
export interface Place {
	readonly file: string;
	readonly text: string;
}

/** What the agent promises, and where that is to be seen. */
export interface Pledge {
	/** F: to the borrower. L: to the lender. */
	readonly id: string;
	/** In one line. */
	readonly promise: string;
	/** The rule as the agent follows it, with its numbers. */
	readonly rule: string;
	readonly code: readonly Place[];
	/** Tests, by their titles; the exhaustive search and the model are added by the generator. */
	readonly tests: readonly Place[];
	/** What this does not cover, or what only a phone can tell. */
	readonly limit?: string;
}

const at = (file: string, text: string): Place => ({ file, text });
const policy = (file: string, text: string) => at(`agent/policy/${file}`, text);
const daemon = (file: string, text: string) => at(`agent/daemon/${file}`, text);
const test = (file: string, text: string) => at(`test/${file}`, text);

export const PROMISES: readonly Pledge[] = [
	{
		id: "F1",
		promise: "An emergency call works in every state.",
		rule: "No state of the agent names emergency calls among what is restricted, and a filter takes them out even if a cell of the table were wrong. While a call goes on, nothing new is locked.",
		code: [
			policy("posture.ts", "export const NEVER_RESTRICTED"),
			policy("posture.ts", "// F1, F2, even if a cell above were wrong"),
		],
		tests: [test("agent/policy/posture.test.ts", "%s is open in every column (F1, F2)")],
		limit:
			"That the platform's own emergency dialler opens from the lock screen is the Android host's work and stands on the hardware checklist.",
	},
	{
		id: "F2",
		promise: "Incoming calls, public alerts, messages, the support line, the pay app and the internet are never restricted.",
		rule: "The same list and the same filter; a place can add to it and never take from it. Apps that the phone needs for them, and those the terms name, stay open at every level.",
		code: [
			policy("posture.ts", "export const NEVER_RESTRICTED"),
			at("proto/jurisdiction.ts", "readonly neverRestricted"),
			daemon("effects.ts", "const openPackages"),
		],
		tests: [
			test("agent/policy/posture.test.ts", "%s protects no less than the house (F2)"),
			test("agent/daemon/observations.test.ts", "stays open at every level, with what the terms name (F1, F2)"),
		],
	},
	{
		id: "F3",
		promise: "No lock for a debt without warnings that were seen and have aged.",
		rule: "At least 3 notices, on the screen with a person present, the terms' spacing apart and at least 72 powered-on hours from the first to the lock, over at least 2 channels, after grace. A place may demand more (India: the first at 60 days past due, 21 days to cure, 7 after the last). A lock by order needs as many lock warnings.",
		code: [
			policy("notices.ts", "export function overdueNoticesAgedAt"),
			policy("floor.ts", "export function objectionToOverdueLock"),
			policy("floor.ts", "export function objectionToOrderedLock"),
			at("proto/terms-floor.ts", '"too few notices"'),
		],
		tests: [
			test("provisioning/audit/forged-records.test.ts", "a lock without notices (F3)"),
			test("agent/daemon/locks.test.ts", "locks no earlier than the last notice has aged, to the second (F3)"),
			test("agent/daemon/locks.test.ts", "does not lock while nobody has seen the notices, however late it is (F3)"),
		],
	},
	{
		id: "F4",
		promise: "One level up at a time, after its dwell; down in one step; never above the place's highest level.",
		rule: "Unlocked or grace to LIMITED, and to FULL only after the dwell in LIMITED (24 powered-on hours at least). From anywhere to unlocked in the event that takes the cause away.",
		code: [
			policy("machine.ts", '"the full level is asked for, allowed, and the dwell is over"'),
			policy("floor.ts", "export function highestLevel"),
			policy("floor.ts", "export function limitedDwellMs"),
		],
		tests: [
			test("provisioning/audit/forged-records.test.ts", "FULL at once, or before its dwell (F4)"),
			test("agent/daemon/locks.test.ts", "and every step takes its time (F3, F4)"),
		],
	},
	{
		id: "F5",
		promise:
			"Being offline never locks before the agreed powered-on time, nor unwarned; an outage of the lender's servers alone does not either.",
		rule: "The budget is spent in prepaid ticks of 5 powered-on minutes; time switched off does not count; each boot may cost one tick more. The last warning stands for an hour, or for as long as it warns of if the terms make that less. While the lender says that its payment feed is stale, no debt locks. After a lost or restored record nothing new is locked for 72 powered-on hours.",
		code: [
			policy("offline-budget.ts", "export const TICK_MS"),
			policy("floor.ts", "export function objectionToOfflineLock"),
			policy("floor.ts", "export function recoveryGraceEndsAt"),
		],
		tests: [
			test("agent/daemon/recovery.test.ts", "without one it locks after warnings, never within three powered-on days (F5)"),
		],
	},
	{
		id: "F6",
		promise:
			"A payment opens the phone: within the hour where there is a network, by a code where there is none; minutes beyond that are counted.",
		rule: "A locked phone asks every 30 minutes, and at once when its owner wishes. A time code or a release code works with no network. Minutes locked more than 60 after the lender had the money, and every minute of a lock that the lender calls its mistake, are added to a meter that nothing resets.",
		code: [
			daemon("code-entered.ts", "export function codeEntered"),
			daemon("check-in.ts", "LONGEST_WAIT_LOCKED_MS ="),
			policy("wrongful-minutes.ts", "export function wrongfulMinutes"),
			policy("causes.ts", "isSo: isPastGrace(situation)"),
		],
		tests: [
			test("agent/daemon/codes.test.ts", "SET opens a phone that is locked for a debt, offline, for so many days from now"),
			test("provisioning/audit/forged-records.test.ts", "wrongful minutes that are fewer than owed, or not owed (F6)"),
			test("agent/daemon/wrongful-minutes.test.ts", "minutes of a lock after the payment had reached the lender (F6)"),
			test(
				"agent/daemon/wrongful-minutes.test.ts",
				"while locked the phone asks every half hour, however seldom its lender wishes (F6)",
			),
		],
	},
	{
		id: "F7",
		promise: "Released is for ever.",
		rule: "No event leads out of it: no order, replay, restored ledger, reboot or clock. Every restriction is given back and read back as gone before device ownership is, and only then is the end reported.",
		code: [
			daemon("code-entered.ts", "/** F7"),
			policy("machine.ts", 'released: { type: "final" }'),
			policy("settle.ts", "function settleEnd"),
			daemon("effects.ts", "function mayReturnOwnership"),
			daemon("recovery.ts", "export function ledgerToGoBy"),
		],
		tests: [
			test("agent/daemon/codes.test.ts", "is read while the phone backs off, and after too many wrong codes"),
			test("agent/policy/posture.test.ts", "nothing is restricted without a contract, and nothing after release (F7)"),
			test("agent/daemon/recovery.test.ts", "what was released stays released (F7)"),
		],
	},
	{
		id: "F8",
		promise: "Nothing is ever wiped.",
		rule: "There is no such order, effect or host call in the schemas: what is not there cannot be asked for.",
		code: [at("proto/holdfast/v1/order.proto", "There is no order that wipes, reads or spies")],
		tests: [test("proto/schema-promises.test.ts", "no message can ask for a wipe (F8)")],
	},
	{
		id: "F9",
		promise: "The phone does not spy.",
		rule: "What it reports is a closed list: standing, causes, times, a yes or no for SIM and attestation. The app may ask for no permission outside a list that the build checks.",
		code: [at("proto/holdfast/v1/checkin.proto", "message DeviceStatus"), at("agent/hosts/android/permissions.allowed", "")],
		tests: [
			test("proto/schema-promises.test.ts", "what a phone reports is a closed list (F9)"),
			test("agent/daemon/observations.test.ts", "no digest of it leaves the phone (F9)"),
		],
	},
	{
		id: "F10",
		promise: "Nothing begins without the borrower's consent to exactly these terms, and nothing gets harder without a new one.",
		rule: "The binding names the digests of terms and consent; the consent names the terms' digest and a language of theirs. Nothing is locked before the lender confirmed the binding. Harder terms take two root keys and a new consent; another address of the lender takes two root keys.",
		code: [
			daemon("binding-checks.ts", "export function checkConsent"),
			policy("terms-change.ts", "export function waysTightened"),
			daemon("order-actions.ts", "function newTerms"),
		],
		tests: [
			test("provisioning/audit/forged-records.test.ts", "a lock before the lender had confirmed (F10)"),
			test("agent/daemon/orders.test.ts", "that tighten need the root's threshold and the borrower's consent to exactly them"),
		],
	},
	{
		id: "F11",
		promise: "Every lock says who, why, how much, when it was due, how to pay, how to dispute, and for how long it has lasted.",
		rule: "One screen message for every state, worked out from the ledger alone.",
		code: [daemon("screen.ts", "export function screenOf")],
		tests: [
			test("agent/daemon/locks.test.ts", "the screen says who, why, how much, since when, how to pay and to dispute (F11)"),
		],
		limit: "How it looks is the Android host's work.",
	},
	{
		id: "F12",
		promise: "Every decision is written down in a chain that nobody can rewrite unseen, and the borrower can take it away.",
		rule: "head(n) = SHA-256(head(n-1) || decision n); the phone signs the head with each check-in and with each export; anybody checks the file with `holdfast audit verify`.",
		code: [
			daemon("record.ts", "export function entriesOf"),
			at("provisioning/audit/audit-record.ts", "export function"),
			policy("decision-log.ts", "export function nextHead"),
		],
		tests: [
			test("provisioning/audit/random-lives.test.ts", "whatever a phone lives through, its record is in order"),
			test("provisioning/audit/forged-records.test.ts", "a bit turned over in any byte of the file"),
			test("agent/daemon/wrongful-minutes.test.ts", "are written down, with the order that brought them out (F12)"),
		],
	},
	{
		id: "F13",
		promise: "A dispute stops escalation; an emergency pass opens everything for a day or two, with nobody asked.",
		rule: "A dispute: at most LIMITED, nothing new, 14 days, once for each paid period. Passes: at least 2 in 365 days, 24 to 48 hours each, counted before they are used. A promise to pay: up to 14 days; a payment in clearing: up to 7.",
		code: [
			policy("holds.ts", "export function openDispute"),
			policy("passes.ts", "export function takePass"),
			policy("floor.ts", "function objectionByHold"),
		],
		tests: [
			test(
				"provisioning/audit/forged-records.test.ts",
				"a lock during a dispute, a pass, quiet hours, and after release (F13, F14, F7)",
			),
			test(
				"agent/daemon/locks.test.ts",
				"the borrower's dispute: full goes down to limited and stays there, once a period (F13)",
			),
			test("agent/daemon/locks.test.ts", "an emergency pass: everything works for a day, twice a year, with no server (F13)"),
		],
	},
	{
		id: "F14",
		promise: "Nothing new is locked at night, in a disaster, or during an emergency call.",
		rule: "Quiet hours and days of the place, which terms may lengthen and never shorten; a disaster hold of up to 90 days; the host says when an emergency call begins and ends.",
		code: [
			policy("floor.ts", "export function objectionToTightening"),
			policy("quiet-hours.ts", "export function quietSecondsLeft"),
			at("proto/terms-floor.ts", "function coversNight"),
		],
		tests: [
			test("agent/policy/quiet-hours.test.ts", "nobody is locked on a Sunday"),
			test("proto/terms-presets.test.ts", "Indonesia with %s (F14)"),
		],
	},
	{
		id: "F15",
		promise: "Only this phone and this contract; a stolen key of the lender cannot go below this list.",
		rule: "Addressee, epoch, sequence and role are checked after the signature; then the floor is asked, whoever signed.",
		code: [
			daemon("orders.ts", "// F15"),
			daemon("binding-checks.ts", "/** F15"),
			policy("floor.ts", "// The borrower's floor: checked after every signature"),
		],
		tests: [
			test(
				"agent/daemon/orders.test.ts",
				"by which the borrower %s need the root's threshold: a stolen command key is not enough",
			),
		],
	},
	{
		id: "F16",
		promise: "If the lender is gone, the phone frees itself.",
		rule: "The agreed time (two years at most) after the latest of the last due date, paid-until and the lender's last signed answer. A binding that the lender never confirms frees the phone within 30 days.",
		code: [policy("endings.ts", "export function deadLenderAt"), policy("endings.ts", "export function unconfirmedReleaseAt")],
		tests: [
			test(
				"agent/daemon/orders.test.ts",
				"of a lender that is gone comes by itself, long after its last word and the final due date (F16)",
			),
			test(
				"agent/daemon/orders.test.ts",
				"does not come early by a signed far future, which a stolen heartbeat key could make (F16)",
			),
		],
	},
	{
		id: "F17",
		promise: "Everybody can use it: languages, large text, a screen reader.",
		rule: "Terms and notices name their languages and the consent is in one of them; the screens are the Android host's.",
		code: [daemon("order-actions.ts", "const wished =")],
		tests: [test("agent/daemon/binding.test.ts", "in a language the terms do not name (F10)")],
		limit: "Screens, contrast and TalkBack are not here yet: they belong to the Android host.",
	},
	{
		id: "F18",
		promise: "A returned or transferred phone keeps nothing.",
		rule: "The end clears causes, holds, passes, notices and the code key, gives every restriction back, and then device ownership; the app can then be removed.",
		code: [policy("settle.ts", "// F18")],
		tests: [test("agent/policy/posture.test.ts", "nothing is restricted without a contract, and nothing after release (F7)")],
		limit: "A phone that was used under a contract restores no data of another: nothing of the borrower's is touched (F8).",
	},
	{
		id: "L1",
		promise: "No use beyond the agreed time without contact.",
		rule: "When the budget is spent, the warning was seen and has stood its hour, and nothing of F1-F16 forbids it, the phone locks. A restored or lost ledger gains no budget: the anchor, kept apart, takes its place.",
		code: [
			policy("offline-budget.ts", "export function isBudgetSpent"),
			policy("offline-budget.ts", "export function chargeAllBut"),
			daemon("recovery.ts", "export function ledgerToGoBy"),
		],
		tests: [
			test("agent/daemon/locks.test.ts", "warns at its thresholds and locks when the budget is spent, to the tick (F5)"),
			test("agent/daemon/recovery.test.ts", "again and again: the grace is given once"),
		],
		limit:
			"Whoever can put back ledger and anchor together is not seen by the phone alone; the lender sees it by the check-in counter and the log head. A warning that nobody ever looks at puts an offline lock off.",
	},
	{
		id: "L2",
		promise: "No unlock without a payment, an order, a code, a pass or the end of what it rested on.",
		rule: "A cause ends only when what it rests on is gone: paid-until extended, contact made, the order restored, the observation back as it was.",
		code: [policy("code-effects.ts", "export function obeyCode"), policy("causes.ts", "export function causesNow")],
		tests: [
			test("provisioning/audit/forged-records.test.ts", "a paid-until that no order moved (F12)"),
			test("agent/daemon/locks.test.ts", "restricts after them, one level at a time, and a restore lifts it at once (F4)"),
		],
	},
	{
		id: "L3",
		promise: "No order twice, none out of its turn.",
		rule: "Replay key (device, contract, epoch, sequence): greater than the last, in the trusted epoch. A release alone may come at any time.",
		code: [policy("code-entry.ts", "export function useUp"), daemon("orders.ts", "order.sequence <= contract.lastSequence")],
		tests: [
			test("agent/daemon/codes.test.ts", "is taken once: again it is used, and that is not counted"),
			test("agent/daemon/orders.test.ts", "of a new epoch start sequences anew, and end a fast-forward attack"),
		],
	},
	{
		id: "L4",
		promise: "The ledger never moves back.",
		rule: "Powered-on time, trusted time, check-in counter and generation only grow; an older ledger is replaced by the anchor.",
		code: [policy("trusted-time.ts", "export function learnSignedTime"), daemon("recovery.ts", "export function ledgerToGoBy")],
		tests: [test("agent/daemon/recovery.test.ts", "it is noticed, and gains no budget, no pass, no sequence and no time")],
	},
	{
		id: "L5",
		promise: "Nobody else can end the contract.",
		rule: "A release order of the release role, the release code (80 bits, of which the phone knows only the digest), the dead-lender release or an unconfirmed binding.",
		code: [
			at("proto/release-code.ts", "export function releaseDigest"),
			policy("endings.ts", "export function endedByItself"),
			daemon("orders.ts", "release: [RELEASE]"),
		],
		tests: [
			test("agent/daemon/codes.test.ts", "of another contract or phone is wrong"),
			test("agent/daemon/orders.test.ts", 'rule: "WRONG_ROLE"'),
		],
	},
];
