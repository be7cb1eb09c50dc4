import type { Message } from "../../proto/codec.ts";
import { wire } from "../../proto/wire.ts";
import type { Effects } from "./simulated-phone.ts";

export const STANDINGS = ["unbound", "unlocked", "grace", "limited", "full", "released", "recovery"] as const;
export type StandingName = (typeof STANDINGS)[number];

/** What the borrower can do for the phone to stay open, or to open again. */
export type Way = "emergencyCall" | "callSupport" | "pay" | "connect" | "enterCode" | "pass" | "dispute" | "keep";

/** The screen of the agent, as data. Times in seconds; amounts in the currency's minor unit. */
export interface ScreenView {
	readonly kind: StandingName;
	readonly lenderName: string;
	readonly accountShown: string;
	readonly supportPhone: string;
	readonly currency: string;
	readonly amountDueMinor: number;
	readonly dueAtUnixSeconds: number;
	readonly paidUntilUnixSeconds: number;
	readonly causes: readonly string[];
	readonly warnings: readonly { readonly kind: "overdueLock" | "offlineLock" | "fullLock"; readonly remainingSeconds: number }[];
	readonly notices: readonly { readonly kind: string; readonly text: string }[];
	readonly passesLeft: number;
	readonly passRemainingSeconds: number;
	readonly lockedMinutes: number;
	readonly wrongfulLockMinutes: number;
	readonly heldUntilUnixSeconds: number;
	readonly requestNumber: string;
	readonly codesBackOffSeconds: number;
	readonly isSignedOnly: boolean;
	readonly isContactRequired: boolean;
}

const KINDS: Readonly<Record<number, StandingName>> = {
	[wire.ScreenKind.SCREEN_KIND_UNLOCKED]: "unlocked",
	[wire.ScreenKind.SCREEN_KIND_GRACE]: "grace",
	[wire.ScreenKind.SCREEN_KIND_LIMITED]: "limited",
	[wire.ScreenKind.SCREEN_KIND_FULL]: "full",
	[wire.ScreenKind.SCREEN_KIND_RELEASED]: "released",
	[wire.ScreenKind.SCREEN_KIND_RECOVERY]: "recovery",
};
const WARNINGS = {
	[wire.WarningKind.WARNING_KIND_OVERDUE_LOCK]: "overdueLock",
	[wire.WarningKind.WARNING_KIND_OFFLINE_LOCK]: "offlineLock",
	[wire.WarningKind.WARNING_KIND_FULL_LOCK]: "fullLock",
} as const;

export function screenView({ screen, notices }: Effects): ScreenView {
	const blank: Partial<Message<wire.Screen.$Properties>> = screen ?? {};
	return {
		kind: KINDS[blank.kind ?? 0] ?? "unbound",
		lenderName: blank.lenderName ?? "",
		accountShown: blank.accountShown ?? "",
		supportPhone: blank.contact?.supportPhone ?? "",
		currency: blank.currency ?? "",
		amountDueMinor: blank.amountDueMinor ?? 0,
		dueAtUnixSeconds: blank.dueAtUnixSeconds ?? 0,
		paidUntilUnixSeconds: blank.paidUntilUnixSeconds ?? 0,
		causes: (blank.causes ?? []).map((cause) => nameIn(wire.LockCause, "LOCK_CAUSE_", cause)),
		warnings: (blank.warnings ?? []).flatMap(({ kind, remainingSeconds }) => {
			const name = Object.entries(WARNINGS).find(([number]) => Number(number) === kind)?.[1];
			return name ? [{ kind: name, remainingSeconds }] : [];
		}),
		notices: notices.map(({ kind, text }) => ({ kind: nameIn(wire.NoticeKind, "NOTICE_KIND_", kind), text })),
		passesLeft: blank.passesLeft ?? 0,
		passRemainingSeconds: blank.passRemainingSeconds ?? 0,
		lockedMinutes: blank.lockedMinutes ?? 0,
		wrongfulLockMinutes: blank.wrongfulLockMinutes ?? 0,
		heldUntilUnixSeconds: blank.heldUntilUnixSeconds ?? 0,
		requestNumber: blank.requestNumber ?? "",
		codesBackOffSeconds: blank.codesBackOffSeconds ?? 0,
		isSignedOnly: blank.signedOnly ?? false,
		isContactRequired: blank.contactRequired ?? false,
	};
}

/** What a person with this screen in the hand can do. An emergency call is always among it (F1). */
export function waysOf(screen: ScreenView): Way[] {
	const { kind, warnings } = screen;
	if (kind === "released" || kind === "unbound") return ["emergencyCall", "keep"];
	const isLocked = kind === "limited" || kind === "full";
	const isOwing = kind === "grace" || screen.causes.includes("overdue");
	const isAway = screen.causes.includes("offline") || warnings.some((warning) => warning.kind === "offlineLock");
	const ways: readonly (readonly [Way, boolean])[] = [
		["emergencyCall", true],
		["pay", isOwing],
		["connect", isAway || screen.isContactRequired],
		["enterCode", isLocked && screen.requestNumber !== "" && screen.codesBackOffSeconds === 0],
		["pass", isLocked && screen.passesLeft > 0 && screen.passRemainingSeconds === 0],
		["dispute", (isLocked || isOwing) && screen.heldUntilUnixSeconds === 0],
		["callSupport", true],
		["keep", !isLocked && !isOwing && !isAway],
	];
	return ways.filter(([, isOpen]) => isOpen).map(([way]) => way);
}

/** `LOCK_CAUSE_OVERDUE` to `overdue`, `NOTICE_KIND_LOCK_WARNING` to `lockWarning`. */
export function nameIn(names: Readonly<Record<number, string>>, prefix: string, value: number): string {
	const [first = "", ...others] = (names[value] ?? `${prefix}UNSPECIFIED`).slice(prefix.length).toLowerCase().split("_");
	return first + others.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join("");
}
