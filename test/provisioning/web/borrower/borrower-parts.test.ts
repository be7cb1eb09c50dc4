import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { faultError } from "../../../../provisioning/handset/fault.ts";
import type { BorrowerView, Finding } from "../../../../provisioning/registry/borrower/borrower-request.ts";
import { contractIn } from "../../../../provisioning/web/borrower/contract-in-address.ts";
import { callLink, webLink } from "../../../../provisioning/web/borrower/links.ts";
import { columnOf, newsBetween, statusOf } from "../../../../provisioning/web/borrower/status.ts";
import { whatWorks } from "../../../../provisioning/web/borrower/what-works.ts";
import { localeOf, tellingIn } from "../../../../provisioning/web/frame/telling.ts";
import { troubleOf } from "../../../../provisioning/web/frame/trouble.ts";

const PHONE = {
	model: "M",
	imeiTail: "1234",
	lockCauses: [],
	wrongfulLockMinutes: 0,
	recordEntries: 1,
	recordHead: "",
} as const satisfies BorrowerView["phone"];

const VIEW: BorrowerView = {
	contractId: "C-1",
	asOfUnixSeconds: 1000,
	state: "open",
	lenderName: "L",
	accountShown: "A",
	currency: "MXN",
	totalMinor: 100,
	paidMinor: 0,
	paidUntilUnixSeconds: 2000,
	paymentStanding: "paid",
	instalments: [],
	terms: {
		graceSeconds: 1,
		limitedDwellSeconds: 1,
		maxLevel: "full",
		noticeCount: 3,
		noticeSpacingSeconds: 1,
		offlineBudgetSeconds: 1,
		offlineLevel: "limited",
		passesPerYear: 2,
		passSeconds: 1,
		jurisdiction: "default",
		alwaysOpen: [],
		termsSha256: "",
	},
	contact: { supportPhone: "", supportUrl: "", payUrl: "", payInstructions: "", disputeUrl: "" },
	phone: PHONE,
	orders: [],
	payments: [],
	findings: ["nothing_wrong"],
	mayDispute: true,
	mayAskCode: false,
};

const FINDINGS: readonly Finding[] = [
	"nothing_wrong",
	"not_paid",
	"unlock_on_its_way",
	"phone_was_not_online",
	"offline_lock",
	"ordered_lock",
	"observed_lock",
	"on_hold",
	"released",
	"not_enrolled",
];

describe("the sentence that stands above all", () => {
	it("never tells of a locked phone as if it worked, whatever was found", () => {
		const worlds = fc.record({
			findings: fc.subarray([...FINDINGS]),
			level: fc.constantFrom("limited" as const, "full" as const),
			lockCauses: fc.subarray(["overdue", "offline", "ordered"]),
			paymentStanding: fc.constantFrom("paid" as const, "grace" as const, "overdue" as const),
		});
		fc.assert(
			fc.property(worlds, ({ findings, level, lockCauses, paymentStanding }) => {
				const { kind, mood } = statusOf({ ...VIEW, findings, paymentStanding, phone: { ...PHONE, level, lockCauses } });
				expect(["paid", "grace", "overdue", "held"]).not.toContain(kind);
				expect(mood === "good").toBe(kind === "released");
			}),
		);
	});

	it("says that a phone with two reasons to be locked is locked for the one that nobody can pay away", () => {
		const phone = { ...PHONE, level: "full" as const, lockCauses: ["overdue", "ordered"] };
		expect(statusOf({ ...VIEW, findings: ["not_paid", "ordered_lock"], phone }).kind).toBe("lockedOrdered");
	});

	it("tells of a hold beside whatever else is so", () => {
		const view = { ...VIEW, heldUntilUnixSeconds: 3000 };
		expect(statusOf({ ...view, findings: ["not_paid", "on_hold"], paymentStanding: "grace" })).toMatchObject({
			kind: "held",
			isHeldToo: false,
		});
		expect(statusOf({ ...view, findings: ["on_hold"] })).toMatchObject({ kind: "paid", isHeldToo: true });
	});
});

describe("what works", () => {
	it("begins with emergency calls in every state, and never closes what is always open", () => {
		for (const column of [undefined, "unlocked", "grace", "limited", "full"] as const) {
			const { open, closed } = whatWorks(column, []);
			expect(open[0]).toEqual({ control: "emergencyCall", isAlways: true });
			expect(closed.map(({ control }) => control)).not.toContain("internet");
			expect(open.length + closed.length).toBe(18);
		}
	});

	it("keeps open what the place keeps open", () => {
		expect(whatWorks("full", []).closed.map(({ control }) => control)).toContain("outgoingCalls");
		expect(whatWorks("full", ["outgoingCalls"]).open).toContainEqual({ control: "outgoingCalls", isAlways: true });
	});

	it("goes by what the phone said, not by what is owed", () => {
		expect(columnOf({ ...VIEW, paymentStanding: "overdue", phone: { ...PHONE, level: "none" } })).toBe("grace");
		expect(columnOf({ ...VIEW, paymentStanding: "paid", phone: { ...PHONE, level: "full" } })).toBe("full");
		expect(columnOf({ ...VIEW, findings: ["released"] })).toBeUndefined();
	});
});

describe("looking again", () => {
	it("finds a payment before all else, and nothing where nothing is", () => {
		const payment = { reference: "p", atUnixSeconds: 1 };
		expect(newsBetween(VIEW, { ...VIEW, asOfUnixSeconds: 1001 })).toBe("nothingNew");
		expect(newsBetween(VIEW, { ...VIEW, payments: [payment] })).toBe("paymentFound");
		expect(newsBetween(VIEW, { ...VIEW, phone: { ...PHONE, level: "full" } })).toBe("changed");
	});
});

describe("an address", () => {
	it("brings a contract number and nothing else", () => {
		expect(contractIn("#contract=C-1.a_b")).toBe("C-1.a_b");
		expect(contractIn("#contract=C-1&code=ABCD")).toBe("C-1");
		for (const hash of ["", "#content", "#contract=", "#contract=%3Cscript%3E", `#contract=${"A".repeat(65)}`, "#contract=a b"])
			expect([hash, contractIn(hash)]).toEqual([hash, ""]);
	});

	it("of a lender opens only the web", () => {
		expect(webLink("https://lender.example/pay?a=1")).toEqual({ href: "https://lender.example/pay?a=1", host: "lender.example" });
		for (const text of [
			"javascript:alert(1)",
			"data:text/html,x",
			" JAVASCRIPT:alert(1)",
			"/pay",
			"",
			"file:///etc",
			"blob:https://a/1",
		])
			expect([text, webLink(text)]).toEqual([text, undefined]);
		expect(callLink("+52 (55) 1234-5678")).toBe("tel:+525512345678");
		expect(callLink("+52;phone-context=x")).toBeUndefined();
	});
});

describe("values", () => {
	it("are written as the person's country writes the page's language", () => {
		expect(localeOf("es", ["en-US", "es-MX", "es"])).toBe("es-MX");
		expect(localeOf("pt-BR", ["pt-PT"])).toBe("pt-PT");
		expect(localeOf("sw", ["en"])).toBe("sw");
	});

	it("know how many digits a currency has behind the point", () => {
		expect(tellingIn("en-US", "MXN").money(123456)).toBe("MX$1,234.56");
		expect(tellingIn("en-US", "JPY").money(1234)).toBe("¥1,234");
		expect(tellingIn("en-US", "KWD").money(1234).replace(/\s/, " ")).toBe("KWD 1.234");
		expect(tellingIn("en-IN", "INR").money(1234567890)).toBe("₹1,23,45,678.90");
		expect(tellingIn("en-US", "??").money(1234)).toBe("?? 12.34");
	});

	it("say days, and hours where there are few", () => {
		const { duration } = tellingIn("en-US");
		expect([duration(86_400), duration(3 * 86_400), duration(36 * 3600), duration(0)]).toEqual([
			"1 day",
			"3 days",
			"36 hours",
			"0 days",
		]);
	});
});

describe("a trouble", () => {
	it.each([
		[faultError("REGISTRY_UNREACHABLE"), { kind: "offline" }],
		[faultError("CONTRACT_CLOSED"), { kind: "ended" }],
		[
			faultError("REGISTRY_UNREACHABLE", { details: { reason: "RATE_LIMITED", retryAfterSeconds: "600" } }),
			{ kind: "wait", minutes: 10 },
		],
		[faultError("REGISTRY_UNREACHABLE", { details: { reason: "RATE_LIMITED" } }), { kind: "wait", minutes: 1 }],
		[faultError("REGISTRY_REFUSED", { details: { reason: "UNAUTHORIZED" } }), { kind: "notSignedIn" }],
		[faultError("REGISTRY_REFUSED", { details: { reason: "CODE_REFUSED" } }), { kind: "noCode" }],
		[faultError("REGISTRY_UNTRUSTED"), { kind: "other" }],
		[new Error("chunk not loaded"), { kind: "other" }],
	])("%s", (error, trouble) => {
		expect(troubleOf(error)).toEqual(trouble);
	});
});
