import { describe, expect, test } from "vitest";
import { amountDue, finalDue, isPackageName, readAgreement, type Terms } from "../../../agent/policy/terms.ts";
import { encode } from "../../../proto/codec.ts";
import { wire } from "../../../proto/wire.ts";
import { DAY, EPOCH, termsOf } from "../test-lender.ts";

type Changes = Partial<wire.Terms.$Properties>;
const base = termsOf();
const read = (changes: Changes) => readAgreement(encode(wire.Terms, termsOf(changes)));

function terms(changes: Changes = {}): Terms {
	const agreement = read(changes);
	if ("problem" in agreement) throw new Error(agreement.problem);
	return agreement.terms;
}

const instalments = (count: number) =>
	Array.from({ length: count }, (_, index) => ({ dueAtUnixSeconds: EPOCH + 90 * DAY - count + index + 1, amountMinor: 1 }));
const dueAt = (...seconds: number[]) => ({
	instalments: seconds.map((second) => ({ dueAtUnixSeconds: EPOCH + second, amountMinor: 1 })),
	initialPaidUntilUnixSeconds: EPOCH,
});
const firstPeriod = (seconds: number) => ({ initialPaidUntilUnixSeconds: EPOCH + seconds });
const observing = (onSimChange: number, onAttestationChange: number) => ({ observations: { onSimChange, onAttestationChange } });
const ladder = (maxLevel: number) => ({ ladder: { ...base.ladder, maxLevel } });
const offline = (changes: object) => ({ offline: { ...base.offline, ...changes } });
const warnings = (...warnAtRemainingSeconds: number[]) => offline({ warnAtRemainingSeconds });
const notices = (count: number) => ({ notices: { ...base.notices, count } });
const unconfirmed = (unconfirmedReleaseSeconds: number) => ({ unconfirmedReleaseSeconds });
const quiet = (startMinute: number, endMinute: number, utcOffsetMinutes: number) => ({
	quietHours: { startMinute, endMinute, utcOffsetMinutes },
});
const packages = (count: number) => ({ essentialPackages: Array.from({ length: count }, (_, index) => `example.a${index}`) });
const address = (length: number) => ({ checkInUrl: "https://lender.example/".padEnd(length, "x") });

describe("terms", () => {
	test("that are complete are read", () => {
		expect(read({})).toHaveProperty("terms");
	});

	const impossible: [string, Changes][] = [
		["no ladder", { ladder: null }],
		["no contact", { contact: null }],
		["no support phone", { contact: { ...base.contact, supportPhone: "" } }],
		["instalments out of order", { instalments: [...(base.instalments ?? [])].reverse() }],
		["no instalment", { instalments: [] }],
		["an instalment of nothing", { instalments: [{ dueAtUnixSeconds: EPOCH, amountMinor: 0 }] }],
		["an unknown jurisdiction", { jurisdiction: "XX" }],
		["no language", { languages: [] }],
		["a currency that is none", { currency: "euro" }],
		["a level that is none", { ladder: { ...base.ladder, maxLevel: Number("7") } }],
		["warnings in the wrong order", { offline: { ...base.offline, warnAtRemainingSeconds: [DAY, 3 * DAY] } }],
		["a short release digest", { releaseDigest: new Uint8Array(31) }],
		["never freed when unconfirmed", { unconfirmedReleaseSeconds: 0 }],
		["an address in the clear", { checkInUrl: "http://lender.example/" }],
		["an address that only begins as loopback", { checkInUrl: "http://localhost.evil.example/" }],
		["an address with a query", { checkInUrl: "https://lender.example/?a=b" }],
		["an address with blanks", { checkInUrl: "https://lender.example/a b" }],
		["an address with a fragment", { checkInUrl: "https://lender.example/#a" }],
		["an address with a name and a password", { checkInUrl: "https://lender@evil.example/" }],
		["an address behind something else", { checkInUrl: "xhttps://lender.example/" }],
		["a loopback address behind something else", { checkInUrl: "xhttp://localhost/" }],
		["an address with too long a port", { checkInUrl: "https://lender.example:123456/" }],
		["an address that is only the beginning of loopback", { checkInUrl: "http://127.0.0/" }],
		["a package that is none", { essentialPackages: ["rm -rf /"] }],
	];
	test.each(impossible)("with %s are not", (_name, changes) => {
		expect(read(changes)).toHaveProperty("problem");
	});

	test.each([
		"https://lender.example",
		"https://lender.example:8443/api",
		"https://lender.example:65535/",
		"http://127.0.0.1:8080",
		"http://127.100.200.255/",
		"http://localhost",
		"http://localhost:8080/",
		"http://[::1]:1/",
	])("may name %s for check-ins", (checkInUrl) => expect(read({ checkInUrl })).toHaveProperty("terms"));

	/** What is just within a bound, what is just beyond it, and a word of what is then wrong. */
	const bounds: [string, Changes, Changes, RegExp][] = [
		["a name of 200 characters", { lenderName: "x".repeat(200) }, { lenderName: "x".repeat(201) }, /too long/],
		["three letters of a currency", { currency: "EUR" }, { currency: "EURO" }, /ISO 4217/],
		["120 instalments", { instalments: instalments(120) }, { instalments: instalments(121) }, /too many/],
		["one instalment", { instalments: instalments(1) }, { instalments: [] }, /no instalment/],
		["due dates a second apart", dueAt(0, 1), dueAt(0, 0), /order/],
		["a first period up to 400 days past the end", firstPeriod(490 * DAY), firstPeriod(490 * DAY + 1), /too late/],
		["a first period", firstPeriod(0), { initialPaidUntilUnixSeconds: 0 }, /missing/],
		["a level FULL for a SIM", observing(2, 0), observing(3, 0), /level/],
		["a level FULL for an attestation", observing(0, 2), observing(0, 3), /level/],
		["a level NONE", ladder(0), ladder(-1), /level/],
		["an offline level", offline({ level: 2 }), offline({ level: 3 }), /level/],
		["eight notices", notices(8), notices(9), /notices/],
		["eight offline warnings", warnings(8, 7, 6, 5, 4, 3, 2, 1), warnings(9, 8, 7, 6, 5, 4, 3, 2, 1), /warnings/],
		["a warning a second before", warnings(1), warnings(0), /warnings/],
		["warnings that differ", warnings(2, 1), warnings(2, 2), /warnings/],
		["no release digest, of old", { releaseDigest: new Uint8Array() }, { releaseDigest: new Uint8Array(33) }, /digest/],
		["thirty days unconfirmed", unconfirmed(30 * DAY), unconfirmed(30 * DAY + 1), /unconfirmed/],
		["quiet from the last minute", quiet(1439, 0, 0), quiet(1440, 0, 0), /quiet/],
		["quiet to the last minute", quiet(0, 1439, 0), quiet(0, 1440, 0), /quiet/],
		["fourteen hours east of UTC", quiet(0, 1, 840), quiet(0, 1, 841), /offset/],
		["fourteen hours west of UTC", quiet(0, 1, -840), quiet(0, 1, -841), /offset/],
		["sixteen essential packages", packages(16), packages(17), /too many essential/],
		["an address of 500 characters", address(500), address(501), /check-in/],
	];
	test.each(bounds)("with %s are read, and not a step beyond", (_name, within, beyond, why) => {
		expect(read(within)).toHaveProperty("terms");
		expect(read(beyond)).toEqual({ problem: expect.stringMatching(why) });
	});

	test.each(["1EUR", "EUR1", "eur", "EU", ""])("are of no currency %j", (currency) => {
		expect(read({ currency })).toHaveProperty("problem");
	});

	test.each([
		["example.lender", true],
		["Example.a1_b.c", true],
		["example", false],
		["1example.lender", false],
		["example.1lender", false],
		["example..lender", false],
		[".example.lender", false],
		["example.lender.", false],
		["example.lender-pay", false],
		["a b.c", false],
	])("%j names a package: %s", (text, isName) => {
		expect(isPackageName(text)).toBe(isName);
	});

	test("bytes that are no terms are a problem, not an exception", () => {
		expect(readAgreement(new Uint8Array([255, 255, 255]))).toHaveProperty("problem");
	});
});

describe("what is due", () => {
	test.each([
		["before the first due date, the next instalment", 30, 10, 50_000, 30],
		["past one due date, that one", 30, 31, 50_000, 30],
		["on a due date, that one", 30, 30, 50_000, 30],
		["on the second, both", 30, 60, 100_000, 30],
		["past two, both", 30, 61, 100_000, 30],
		["with the second paid, the third", 90, 80, 50_000, 90],
		["with all paid, nothing", 91, 95, 0, undefined],
	])("%s", (_name, paidUntilDay, nowDay, amountMinor, dueDay) => {
		const due = amountDue(terms(), EPOCH + paidUntilDay * DAY, EPOCH + nowDay * DAY);
		expect(due).toEqual({ amountMinor, dueAtUnixSeconds: dueDay === undefined ? 0 : EPOCH + dueDay * DAY });
	});

	test("last is the last instalment, and nothing where there is none", () => {
		expect([finalDue(terms()), finalDue({ instalments: [] })]).toEqual([EPOCH + 90 * DAY, 0]);
	});
});
