// biome-ignore-all format: one page, to be read beside the promises; a line is a promise.
// F1-F18 and the rules of time from their text alone: seconds and sets; no machine, no ledger, nothing of the agent's.
import type { Answer, HoldName, Level, Promised, Wish } from "./promises.ts";

const DAY = 86_400, YEAR = 365 * DAY, TICK = 300, LONGEST: Record<HoldName, number> = { DISPUTE: 30 * DAY, PROMISE: 14 * DAY, DISASTER: 90 * DAY, CLEARING: 7 * DAY };
const MAY_SIGN: Record<Wish["action"], string> = { extend: "CR", restrict: "C", restore: "CR", notice: "C", hold: "CR", window: "CR", release: "R" };
export class Reference {
	on = 0; sinceBoot = 0; prepaid = 0; charge = 0; level: Level = 0; since = 0; sequence = 0; lastReply = 0; passUntil = 0; disputed = 0;
	confirmed = false; released = false; stale = false; call = false; orderedForDebt = false; warned: number | undefined; passes: number[] = [];
	readonly causes = new Map<"OVERDUE" | "OFFLINE" | "ORDERED", Level>();
	readonly holds = new Map<HoldName, number>(); readonly asked = new Map<number, number>(); // question -> what was spent when it was asked
	readonly seen = new Map<string, { warns: boolean; on: number; at: number; ways: Set<string> }>();
	constructor(readonly terms: Promised, public now: number, public paid: number) { this.settle(); }
	// Time: powered-on only; off is not counted; the next tick is charged before it is used.
	live(seconds: number) { this.on += seconds; this.now += seconds; this.sinceBoot += seconds; this.settle(); }
	reboot() { this.sinceBoot = 0; this.prepaid = 0; this.call = false; this.settle(); }
	spent() { return Math.max(0, this.charge - Math.max(0, this.prepaid - this.sinceBoot)); }
	// Contact: an answer to one of the last two questions pays back what was spent before its question, and no more.
	ask(id: number) { this.asked.set(id, this.spent()); for (const old of [...this.asked.keys()].slice(0, -2)) this.asked.delete(old); }
	answer(id: number, time: number, stale: boolean) {
		const paidBack = this.asked.get(id); if (paidBack === undefined) return false;
		for (const [other, spent] of this.asked) if (other <= id) this.asked.delete(other); else this.asked.set(other, Math.max(0, spent - paidBack));
		this.charge = Math.max(0, this.charge - paidBack); this.warned = undefined; this.confirmed = true; this.stale = stale;
		this.now = Math.max(this.now, time); this.lastReply = Math.max(this.lastReply, time); this.settle(); return true;
	}
	// F3: a notice counts when it was on the screen; F5: the last offline warning, the same.
	shown(id: string, kind: "offline" | "warning" | "overdue" | "other", way: string) {
		const last = this.terms.budget - this.spent() <= this.terms.lastWarning;
		if (kind === "offline") { if (way === "screen" && last) this.warned ??= this.on; this.settle(); return; }
		const notice = this.seen.get(id) ?? { warns: kind === "warning", on: -1, at: -1, ways: new Set() };
		if (way === "screen" && notice.on < 0) { notice.on = this.on; notice.at = this.now; } notice.ways.add(way); this.seen.delete(id); if (kind !== "other") this.seen.set(id, notice); this.settle();
	}
	aged(counts: (notice: { warns: boolean; on: number; at: number }) => boolean) {
		const { notices, spacing, total, ways } = this.terms, counted: { on: number; ways: Set<string> }[] = [];
		for (const notice of [...this.seen.values()].filter((one) => one.on >= 0 && counts(one)).sort((a, b) => a.on - b.on))
			if (counted.length < notices && notice.on >= (counted.at(-1)?.on ?? -spacing) + spacing) counted.push(notice);
		return counted.length >= notices && new Set(counted.flatMap((one) => [...one.ways])).size >= ways
			&& this.on >= Math.max((counted.at(-1)?.on ?? 0) + spacing, (counted[0]?.on ?? 0) + total);
	}
	overdueAged() { return this.aged((one) => one.at >= this.paid); } orderedAged() { return this.aged((one) => one.warns && one.on + this.terms.warningLife > this.on); }
	held() { return [...this.holds.values()].some((until) => this.now < until); } quiet() { const { quietFrom, quietTo } = this.terms, hour = this.now % DAY; return quietFrom !== quietTo && (hour >= quietFrom || hour < quietTo); }
	// Orders: signed is not obeyed. Loosening needs one signature and no clock; tightening passes the floor (F3, F10, F13).
	order(wish: Wish): Answer {
		if (!MAY_SIGN[wish.action].includes(wish.role)) return "REFUSED"; if (wish.action === "release") return this.end();
		const tightens = wish.action === "restrict" || wish.action === "notice";
		if (this.released || wish.sequence <= this.sequence || (tightens && wish.issued > this.now + 3600)) return "REFUSED";
		this.sequence = wish.sequence;
		if (tightens && (this.now >= wish.expires || this.now >= this.terms.commandEnds)) return "REFUSED";
		if (wish.action === "extend" && wish.until > this.terms.finalDue + 400 * DAY) return "REFUSED";
		if (wish.action === "extend") this.paid = Math.max(this.paid, wish.until); else if (wish.action === "restore") this.causes.delete("ORDERED");
		if (wish.action === "hold") this.holds.set(wish.hold, Math.max(this.holds.get(wish.hold) ?? 0, Math.min(wish.until, this.now + LONGEST[wish.hold])));
		if (wish.action === "restrict") {
			const warned = wish.debt ? this.now >= this.paid + this.terms.grace && !this.stale && this.overdueAged() : this.orderedAged();
			if (!this.confirmed || !wish.fair || this.held() || !warned) return "BELOW_FLOOR";
			this.causes.set("ORDERED", wish.level); this.orderedForDebt = wish.debt;
		}
		this.settle(); return "ACCEPTED";
	}
	// F13: the borrower's own means, with no server.
	takePass() {
		this.passes = this.passes.filter((taken) => taken + YEAR > this.now);
		if (this.released || this.level === 0 || this.on < this.passUntil || this.passes.length >= this.terms.passes) return false;
		this.passes.push(this.now); this.passUntil = this.on + this.terms.pass; this.settle(); return true;
	}
	dispute() {
		if (this.released || this.disputed === this.paid) return false;
		this.disputed = this.paid; this.holds.set("DISPUTE", Math.max(this.holds.get("DISPUTE") ?? 0, this.now + 14 * DAY)); this.settle(); return true;
	}
	calls(active: boolean) { this.call = active; this.settle(); } end(): Answer { this.released = true; this.level = 0; this.causes.clear(); return "ACCEPTED"; } // F7
	settle() {
		if (this.released) return;
		const { terms } = this, unpaid = this.sinceBoot - this.prepaid, ticks = unpaid < 0 ? 0 : Math.floor(unpaid / TICK) + 1;
		this.charge += ticks * TICK; this.prepaid += ticks * TICK;
		if (this.now >= Math.max(terms.finalDue, this.paid, this.lastReply) + terms.dead) return void this.end(); // F16
		if (!this.confirmed && this.on >= terms.unconfirmed) return void this.end();
		const calm = this.confirmed && !this.call && !this.held() && this.on >= this.passUntil && !this.quiet(); // F10, F13, F14
		const pastGrace = this.now >= this.paid + terms.grace, keep = (cause: "OVERDUE" | "OFFLINE", level: Level, isSo: boolean, mayBegin: boolean) => {
			if (isSo && level > 0 && (this.causes.has(cause) || (calm && mayBegin))) this.causes.set(cause, level); else this.causes.delete(cause); };
		keep("OVERDUE", terms.cap, pastGrace, !this.stale && this.overdueAged()); // F3, F5
		const warnedAged = this.warned !== undefined && this.on >= this.warned + Math.min(terms.lastWarning, 3600);
		keep("OFFLINE", terms.offlineLevel, terms.budget > 0 && this.charge > terms.budget, warnedAged); // F5
		if (this.orderedForDebt && !pastGrace) this.causes.delete("ORDERED"); // F6
		const cap = this.now < (this.holds.get("DISPUTE") ?? 0) ? Math.min(terms.cap, 1) : terms.cap; // F13
		const asked = this.on < this.passUntil ? 0 : (Math.min(cap, Math.max(0, ...this.causes.values())) as Level);
		const next = asked < this.level ? asked : asked > this.level && calm && (this.level === 0 || this.on >= this.since + terms.dwell) ? ((this.level + 1) as Level) : this.level; // F4
		if (next !== this.level) { this.level = next; this.since = this.on; }
	}
	standing() { return this.released ? "RELEASED" : this.level === 2 ? "LOCKED_FULL" : this.level === 1 ? "LOCKED_LIMITED" : this.now >= this.paid ? "GRACE" : "UNLOCKED"; }
}
