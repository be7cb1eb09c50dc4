import { wire } from "../../proto/wire.ts";
import type { NoticeRecord, PendingNotice, ShownNotice } from "./ledger.ts";
import type { Situation } from "./situation.ts";
import { type Agreement, offlineWarnings } from "./terms.ts";
import { poweredOnAt, trustedNow } from "./trusted-time.ts";

/** Notices that are remembered. More of the lender's own only put a lock off. */
const MAX_REMEMBERED = 16;
const MAX_PENDING = 4;
/** A lock warning older than this, powered-on, warns of nothing any more. */
const ORDERED_WARNING_LIFE_MS = 60 * 24 * 3600 * 1000;
/**
 * An offline warning stands on the screen this long before the lock, even if the phone lay in a drawer till then; or as long as it
 * warns of, if the terms make that less.
 */
const OFFLINE_WARNING_MIN_SECONDS = 3600;

/** The notices that must precede a lock: the terms', or the profile's where they ask for more. Times are powered-on. */
interface NoticeRule {
	readonly count: number;
	readonly channels: number;
	readonly firstNotBeforePastDueSeconds: number;
	/** From the n-th counted notice, from 0, to the next notice or, after the last one, to the lock. */
	spacingAfterMs(index: number): number;
	readonly totalMs: number;
}

export function noticeRule({ terms, profile }: Agreement): NoticeRule {
	const count = Math.max(terms.notices.count, profile.notices.minCount);
	const spacing = terms.notices.minSpacingSeconds;
	return {
		count,
		channels: Math.max(terms.notices.minChannels, profile.notices.minChannels),
		firstNotBeforePastDueSeconds: profile.notices.firstNotBeforePastDueSeconds,
		spacingAfterMs: (index) => {
			const cureAfterFirst = index === 0 ? profile.notices.cureAfterFirstSeconds : 0;
			const cureAfterLast = index === count - 1 ? profile.notices.cureAfterLastSeconds : 0;
			return Math.max(spacing, cureAfterFirst, cureAfterLast) * 1000;
		},
		totalMs: profile.notices.minTotalSeconds * 1000,
	};
}

/**
 * Powered-on time from which the notices shown so far allow a lock for overdue payment; `undefined` while they are too
 * few, too close together or by too few channels (F3). Ageing is powered-on time, which no signature can hurry.
 */
export function overdueNoticesAgedAt(situation: Situation): number | undefined {
	return agedAt(noticeRule(situation), overdueNotices(situation));
}

/** The same for a lock by order, which lock warnings of the lender must precede. */
export function orderedNoticesAgedAt(situation: Situation): number | undefined {
	const { ledger } = situation;
	const warnings = ledger.notices.shown.filter(
		(notice) =>
			notice.kind === wire.NoticeKind.NOTICE_KIND_LOCK_WARNING &&
			notice.onScreenAtPoweredOnMs > 0 &&
			notice.onScreenAtPoweredOnMs + ORDERED_WARNING_LIFE_MS > ledger.time.poweredOnMs,
	);
	return agedAt(noticeRule(situation), warnings);
}

function agedAt(rule: NoticeRule, candidates: readonly ShownNotice[]): number | undefined {
	const counted = countable(rule, candidates);
	const first = counted[0];
	const last = counted.at(-1);
	if (!first || !last || counted.length < rule.count) return undefined;
	if (channelsOf(counted) < rule.channels) return undefined;
	const afterLast = last.onScreenAtPoweredOnMs + rule.spacingAfterMs(rule.count - 1);
	return Math.max(afterLast, first.onScreenAtPoweredOnMs + rule.totalMs);
}

/** Notices on the screen, each far enough from the one before; at most as many as the rule asks for. */
function countable(rule: NoticeRule, candidates: readonly ShownNotice[]): ShownNotice[] {
	const counted: ShownNotice[] = [];
	for (const notice of candidates) {
		const previous = counted.at(-1);
		const notBefore = previous ? previous.onScreenAtPoweredOnMs + rule.spacingAfterMs(counted.length - 1) : 0;
		if (notice.onScreenAtPoweredOnMs >= notBefore) counted.push(notice);
		if (counted.length === rule.count) break;
	}
	return counted;
}

function channelsOf(notices: readonly ShownNotice[]): number {
	const seen = notices.reduce((bits, notice) => bits | notice.channels, 0);
	return [1, 2, 3, 4].filter((channel) => seen & (1 << channel)).length;
}

function overdueNotices(situation: Situation): ShownNotice[] {
	const { ledger, contract } = situation;
	const countsFrom = contract.paidUntilUnixSeconds + noticeRule(situation).firstNotBeforePastDueSeconds;
	return ledger.notices.shown.filter(
		(notice) => warnsOfLock(notice.kind) && notice.onScreenAtPoweredOnMs > 0 && notice.onScreenAtUnixSeconds >= countsFrom,
	);
}

function warnsOfLock(kind: wire.NoticeKind): boolean {
	return kind === wire.NoticeKind.NOTICE_KIND_OVERDUE || kind === wire.NoticeKind.NOTICE_KIND_LOCK_WARNING;
}

/** A notice that the agent gives by itself, with no server, and when, powered-on. */
export interface OwnNotice {
	readonly noticeId: string;
	readonly kind: wire.NoticeKind;
	readonly atPoweredOnMs: number;
}

/** The next notice of an overdue payment that the agent owes the borrower; `undefined` when all were shown. */
export function nextOverdueNotice(situation: Situation): OwnNotice | undefined {
	const { ledger, contract } = situation;
	const rule = noticeRule(situation);
	const counted = countable(rule, overdueNotices(situation));
	if (counted.length >= rule.count) return undefined;
	const last = counted.at(-1);
	const firstAt = poweredOnAt(ledger.time, contract.paidUntilUnixSeconds + rule.firstNotBeforePastDueSeconds);
	return {
		noticeId: `overdue-${contract.paidUntilUnixSeconds}-${counted.length + 1}`,
		kind: last ? wire.NoticeKind.NOTICE_KIND_LOCK_WARNING : wire.NoticeKind.NOTICE_KIND_OVERDUE,
		atPoweredOnMs: last ? last.onScreenAtPoweredOnMs + rule.spacingAfterMs(counted.length - 1) : firstAt,
	};
}

/** Powered-on time at which the notices will have aged if each is seen as soon as it is due. Never later than they really do. */
export function overdueNoticesAgedAtBest(situation: Situation): number {
	const aged = overdueNoticesAgedAt(situation);
	if (aged !== undefined) return aged;
	const rule = noticeRule(situation);
	const seen = countable(rule, overdueNotices(situation)).map((notice) => notice.onScreenAtPoweredOnMs);
	let next = nextOverdueNotice(situation)?.atPoweredOnMs ?? situation.ledger.time.poweredOnMs;
	next = Math.max(next, situation.ledger.time.poweredOnMs);
	const first = seen[0] ?? next;
	for (let index = seen.length; index < rule.count; index += 1) next += rule.spacingAfterMs(index);
	return Math.max(next, first + rule.totalMs);
}

/** The shortest warning threshold of the offline budget that was passed, seconds remaining; `undefined` if none was. */
export function offlineThresholdPassed(situation: Situation, remainingMs: number): number | undefined {
	return offlineWarnings(situation.terms)
		.filter((threshold) => remainingMs <= threshold * 1000)
		.at(-1);
}

/** The offline warning that should be on the screen. A shorter one takes the place of a longer one never seen. */
export function offlineNotice(situation: Situation, remainingMs: number): OwnNotice | undefined {
	const { notices, contact, time } = situation.ledger;
	const threshold = offlineThresholdPassed(situation, remainingMs);
	if (threshold === undefined || notices.offlineWarnedAtRemainingSeconds === threshold) return undefined;
	return {
		noticeId: offlineNoticeId(contact.lastReplyUnixSeconds, threshold),
		kind: wire.NoticeKind.NOTICE_KIND_OFFLINE_WARNING,
		atPoweredOnMs: time.poweredOnMs,
	};
}

/** Powered-on time from which the last offline warning has stood long enough (F5); `undefined` while it was not shown. */
export function offlineWarningAgedAt(situation: Situation): number | undefined {
	const { notices } = situation.ledger;
	const shortest = offlineWarnings(situation.terms).at(-1) ?? 0;
	if (notices.offlineWarnedAtRemainingSeconds !== shortest) return undefined;
	return notices.offlineWarnedAtPoweredOnMs + Math.min(shortest, OFFLINE_WARNING_MIN_SECONDS) * 1000;
}

function offlineNoticeId(lastReplyUnixSeconds: number, threshold: number): string {
	return `offline-${lastReplyUnixSeconds}-${threshold}`;
}

/** Remembers that a notice reached the borrower. An id nobody asked for changes nothing. */
export function noteShown(situation: Situation, noticeId: string, channel: wire.NoticeChannel): NoticeRecord {
	const { ledger } = situation;
	const { notices, time } = ledger;
	if (channel < wire.NoticeChannel.NOTICE_CHANNEL_SCREEN || channel > wire.NoticeChannel.NOTICE_CHANNEL_CALL) return notices;
	const onScreen = channel === wire.NoticeChannel.NOTICE_CHANNEL_SCREEN;

	const threshold = offlineWarnings(situation.terms).find(
		(seconds) => offlineNoticeId(ledger.contact.lastReplyUnixSeconds, seconds) === noticeId,
	);
	if (threshold !== undefined) {
		if (!onScreen || notices.offlineWarnedAtRemainingSeconds === threshold) return notices;
		return { ...notices, offlineWarnedAtRemainingSeconds: threshold, offlineWarnedAtPoweredOnMs: time.poweredOnMs };
	}

	const own = nextOverdueNotice(situation);
	const pending = notices.pending.find((candidate) => candidate.noticeId === noticeId);
	const before = notices.shown.find((candidate) => candidate.noticeId === noticeId);
	const isOwn = own?.noticeId === noticeId && own.atPoweredOnMs <= time.poweredOnMs;
	const kind = before?.kind ?? pending?.kind ?? (isOwn ? own.kind : undefined);
	if (kind === undefined) return notices;

	const first = onScreen && !before?.onScreenAtPoweredOnMs;
	const now: ShownNotice = {
		noticeId,
		kind,
		channels: (before?.channels ?? 0) | (1 << channel),
		// 0 stands for "not yet", and the ledger's first millisecond is as good as its second.
		onScreenAtPoweredOnMs: first ? Math.max(1, time.poweredOnMs) : (before?.onScreenAtPoweredOnMs ?? 0),
		onScreenAtUnixSeconds: first ? trustedNow(time) : (before?.onScreenAtUnixSeconds ?? 0),
	};
	const others = notices.shown.filter((candidate) => candidate.noticeId !== noticeId);
	return {
		...notices,
		shown: inOrderShown([...others, now]).slice(-MAX_REMEMBERED),
		pending: onScreen ? notices.pending.filter((candidate) => candidate.noticeId !== noticeId) : notices.pending,
		seenIds: onScreen && pending ? [...notices.seenIds, noticeId].slice(-MAX_REMEMBERED) : notices.seenIds,
	};
}

/** What a notice is about that a channel has just carried for the first time; `undefined` if nothing new is to be told. */
export function carriedAnew(
	before: NoticeRecord,
	after: NoticeRecord,
	noticeId: string,
	channel: wire.NoticeChannel,
): wire.NoticeKind | undefined {
	const isOffline = after.offlineWarnedAtRemainingSeconds !== before.offlineWarnedAtRemainingSeconds;
	if (isOffline) return wire.NoticeKind.NOTICE_KIND_OFFLINE_WARNING;
	const shown = after.shown.find((notice) => notice.noticeId === noticeId);
	const carriedBefore = before.shown.find((notice) => notice.noticeId === noticeId)?.channels ?? 0;
	return carriedBefore & (1 << channel) ? undefined : shown?.kind;
}

/** Those on the screen in the order in which they came there, then those that were not. */
function inOrderShown(notices: readonly ShownNotice[]): ShownNotice[] {
	const rank = (notice: ShownNotice) => notice.onScreenAtPoweredOnMs || Number.MAX_SAFE_INTEGER;
	return [...notices].sort((a, b) => rank(a) - rank(b));
}

/** Puts a notice of the lender before the borrower, once for each id. */
export function addPending(notices: NoticeRecord, notice: PendingNotice): NoticeRecord {
	const known = notices.seenIds.includes(notice.noticeId) || notices.pending.some((other) => other.noticeId === notice.noticeId);
	return known ? notices : { ...notices, pending: [...notices.pending, notice].slice(-MAX_PENDING) };
}

/** Contact was made: offline warnings start anew. */
export function forgetOfflineWarnings(notices: NoticeRecord): NoticeRecord {
	return { ...notices, offlineWarnedAtRemainingSeconds: 0, offlineWarnedAtPoweredOnMs: 0 };
}
