/*
 * An instalment lock as the promises F1-F18 describe it: written from their text, not from the agent's code.
 * One move is one d_step: a claim sees a phone only at rest.
 *
 * Time has two grains: half a prepaid tick of use, and a day powered on. Every duration of the debt is in whole days since
 * something happened, so that the few minutes of the ticks never decide: whoever replays a trace keeps them below a day in all.
 *
 * Parts: -DDEBT (notices, grace, ladder, disputes, passes, calls), -DOFFLINE (budget, ticks, power cuts), -DORDERS (a command
 * key in anybody's hands), -DENDS (a lender that is silent, a phone that is off, holds). Each is searched by itself to the
 * end; a simulation has all of them.
 * To see that the claims notice: -DPOSTPAID, -DNO_NOTICE, -DNOT_ABSORBING, -DNO_DWELL, -DFULL_SHUTS_CALLS, -DCALL_IGNORED.
 */

#ifndef GRACE
#define GRACE 3         /* days past due before anything may be restricted */
#endif
#ifndef NOTICES
#define NOTICES 3       /* a day apart, the last one a day old, by two channels */
#endif
#ifndef DISPUTE_DAYS
#define DISPUTE_DAYS 2
#endif
#ifndef DEAD_DAYS
#define DEAD_DAYS 7     /* without a word of the lender's: free (F16) */
#endif
#ifndef UNCONFIRMED_DAYS
#define UNCONFIRMED_DAYS 2
#endif
#ifndef PASSES
#define PASSES 1
#endif
#ifndef MOST_LAG
#define MOST_LAG 1      /* days off that the phone has not heard of */
#endif
#define BUDGET 8        /* half ticks */
#define WARN_AT 4       /* half ticks that remain when the borrower is warned */
#define WARN_AGE 4      /* half ticks that the warning must have stood */
#define ENOUGH 12       /* more half ticks than this are as many */

/* Moves, by number: a trace names them. */
#define HALF 0
#define DAY 1
#define CUT 2
#define OFF 3
#define LOOK 4
#define GLANCE 5
#define CONTACT 6
#define CONTACT_STALE 7
#define PAY 8
#define RESTRICT_DEBT 9
#define RESTRICT_FRAUD 10
#define WARN 11
#define RESTORE 12
#define HOLD 13
#define PASS 14
#define DISPUTE 15
#define CALL 16
#define CALL_ENDS 17
#define RELEASE 18
#define STOLEN_RELEASE 19

/* What can be restricted. */
#define CAMERA 1
#define APPS 2
#define TASK 4
#define OUTGOING 8
#define EMERGENCY 16
#define INCOMING 32
#define SUPPORT 64
#define HELP (EMERGENCY | INCOMING | SUPPORT)

bool confirmed, released, call, stale;
byte level, dwell;              /* 0 open, 1 limited, 2 full; days in it */
short due = -2;                 /* days past paid-until by trusted time */
short silent = -2;              /* days since the last of paid-until and the lender's word */
byte lag, unconfirmed;
bool overdue, offline;          /* causes */
byte ordered;                   /* 0 no, 1 for the debt, 2 for fraud */
byte n, nage, wn, wage;         /* notices that count, days since the last: for the debt; the lender's warnings */
bool two, wtwo, pending;        /* by two channels; a warning waits to be seen */
byte hold, dispute, pass, passes;
bool disputed;
byte charge = 2, used, phase;   /* half ticks charged and used since contact; how much of this tick is used */
bool offwarned;
byte offage, boots;
byte posture;

/* Of the claims alone. */
byte since_first = 99;          /* days since the first notice of this debt was seen; 99: none was */
hidden byte before, want;       /* within one move */
bool jumped, begun_in_call;

#define held (hold > 0 || dispute > 0)
#ifdef CALL_IGNORED
#define calm (confirmed && pass == 0 && !held)
#else
#define calm (confirmed && !call && pass == 0 && !held)
#endif
#define overdue_aged (n == NOTICES && two && nage >= 1)
#define ordered_aged (wn == NOTICES && wtwo && wage >= 1)
#define spent (charge - (2 - phase))

inline add(variable, most) { if :: variable < most -> variable++ :: else -> skip fi }
inline drop(variable, by) { if :: variable > by -> variable = variable - by :: else -> variable = 0 fi }

/* F7, F18: nothing is left that could lock again, nor that could matter. */
inline free() {
	released = true; level = 0; overdue = false; offline = false; ordered = 0; 
	hold = 0; dispute = 0; pass = 0; pending = false; dwell = 0; n = 0; nage = 0; two = false; wn = 0; wage = 0; wtwo = false;
	since_first = 99; stale = false; lag = 0; disputed = false; passes = 0; offwarned = false; offage = 0; unconfirmed = 0
}

/* A warning of a lock was on the screen. */
inline warned(both) {
#ifdef ORDERS
	if :: (wn < NOTICES && (wn == 0 || wage >= 1)) -> wn++; wage = 0; wtwo = wtwo || both :: else -> skip fi
#else
	skip
#endif
}

inline noticed(both) {
	if :: (since_first == 99) -> since_first = 0 :: else -> skip fi;
	if :: (n < NOTICES && (n == 0 || nage >= 1)) -> n++; nage = 0; two = two || both :: else -> skip fi
}

inline see(both) {
	if
	:: released -> skip
	:: else ->
#ifdef OFFLINE
		if :: (confirmed && spent >= WARN_AT && !offwarned) -> offwarned = true; offage = 0 :: else -> skip fi;
#endif
		if :: pending -> pending = false; warned(both); if :: (due >= 0) -> noticed(both) :: else -> skip fi :: else -> skip fi;
		/* F13: whoever is held off is not warned of a debt either; F5: nor is anybody while the lender cannot know. */
		if
		:: (confirmed && !stale && !held && due >= 0 && n < NOTICES && (n == 0 || nage >= 1)) ->
			if :: (n > 0) -> warned(both) :: else -> skip fi;
			noticed(both)
		:: else -> skip
		fi
	fi
}

inline tick() {
#ifdef POSTPAID
	used++;
	phase++;
	if :: phase == 2 -> phase = 0; charge = charge + 2 :: else -> skip fi;
#else
	phase++;
	if :: phase == 2 -> phase = 0; charge = charge + 2 :: else -> skip fi;
	used++;
#endif
	if :: offwarned -> add(offage, WARN_AGE) :: else -> skip fi
}

inline boot() {
	phase = 0;
	call = false;
#ifdef OFFLINE
	add(boots, 3);
#ifndef POSTPAID
	charge = charge + 2
#endif
#else
	skip
#endif
}

/* A count that no longer matters stands still, so that the search need not tell its values apart. */
inline day() {
#if defined(DEBT) || defined(ORDERS) || defined(ENDS)
	if :: due < GRACE -> due++ :: else -> skip fi;
	if :: n > 0 -> add(nage, 1) :: else -> skip fi;
	if :: wn > 0 -> add(wage, 1) :: else -> skip fi;
	if :: level == 1 -> add(dwell, 1) :: else -> skip fi;
#if defined(DEBT) || defined(ENDS)
	if :: since_first < 3 -> since_first++ :: else -> skip fi;
#endif
#endif
#ifdef ENDS
	if :: silent < DEAD_DAYS -> silent++ :: else -> skip fi;
	if :: !confirmed -> add(unconfirmed, UNCONFIRMED_DAYS) :: else -> skip fi;
#endif
	drop(hold, 1); drop(dispute, 1); drop(pass, 1);
#ifdef OFFLINE
	if :: offwarned -> offage = WARN_AGE :: else -> skip fi;
	charge = ENOUGH;
	used = ENOUGH
#endif
}

inline contact(is_stale) {
	if
	:: released -> skip
	:: else ->
		due = (due + lag > GRACE -> GRACE : due + lag);
		silent = (silent + lag > 0 -> 0 : silent + lag);
		drop(hold, lag); drop(dispute, lag);
		lag = 0; confirmed = true; unconfirmed = 0; stale = is_stale;
#ifdef OFFLINE
		charge = 2 - phase; used = 0; boots = 0; offwarned = false; offage = 0
#endif
	fi
}

inline pay() {
	if
	:: (released || due == -2) -> skip
	:: else ->
		due = -2;
		if :: silent > -2 -> silent = -2 :: else -> skip fi;
		n = 0; nage = 0; two = false; disputed = false; since_first = 99
	fi
}

inline restrict(why) {
	if
	:: (released || !confirmed || held) -> skip
	:: else ->
		if
		:: (why == 1 && due >= GRACE && !stale && overdue_aged) -> ordered = 1
		:: (why == 2 && ordered_aged) -> ordered = 2
		:: else -> skip
		fi
	fi
}

inline settle() {
	if :: charge > ENOUGH -> charge = ENOUGH :: else -> skip fi;
	if :: used > ENOUGH -> used = ENOUGH :: else -> skip fi;
	assert(used <= charge); /* F5 and the lender: nothing is used that was not charged before */
	before = level;
	if
	:: released ->
#ifdef NOT_ABSORBING
		if :: due >= GRACE && call -> released = false; level = 2 :: else -> skip fi
#else
		skip
#endif
	:: else ->
		if
		:: (silent >= DEAD_DAYS || (!confirmed && unconfirmed >= UNCONFIRMED_DAYS)) -> free()
		:: else ->
			if
			:: due < GRACE -> overdue = false; if :: ordered == 1 -> ordered = 0 :: else -> skip fi
#ifdef NO_NOTICE
			:: (due >= GRACE && !overdue && calm && !stale) -> overdue = true
#else
			:: (due >= GRACE && !overdue && calm && !stale && overdue_aged) -> overdue = true
#endif
			:: else -> skip
			fi;
			if
			:: charge <= BUDGET -> offline = false
			:: (charge > BUDGET && !offline && calm && offwarned && offage >= WARN_AGE) ->
				offline = true;
				/* never before the budget less a tick for each boot, and the one in use */
				assert(used + 2 * (boots + 1) >= BUDGET || boots == 3)
			:: else -> skip
			fi;
			want = (pass > 0 -> 0 : ((overdue || ordered > 0) -> 2 : (offline -> 1 : 0)));
			want = ((dispute > 0 && want > 1) -> 1 : want);
			if
			:: want < level -> level = want; dwell = 0
#ifdef NO_DWELL
			:: (want > level && calm) -> level = want; dwell = 0
#else
			:: (want > level && calm && (level == 0 || dwell >= 1)) -> level++; dwell = 0
#endif
			:: else -> skip
			fi
		fi
	fi;
	jumped = level > before + 1;
	begun_in_call = call && level > before;
#ifdef FULL_SHUTS_CALLS
	posture = (level == 2 -> 255 : (level == 1 -> (CAMERA | APPS) : 0));
#else
	posture = (level == 2 -> (CAMERA | APPS | TASK | OUTGOING) : (level == 1 -> (CAMERA | APPS) : 0));
#endif
}

#define standing (released -> 6 : (level == 2 -> 5 : (level == 1 -> 4 : (due >= 0 -> 3 : 2))))

#ifdef REPLAY
/* Stories from elsewhere: each move must be possible, and lead where it led there. */
#define MOST_MOVES 64
byte script[MOST_MOVES], expected[MOST_MOVES];
byte length, at;
#define may(move) (at < length && script[at] == move)
#define done(move) settle(); assert(standing == expected[at]); at++
#else
#define may(move) true
#define done(move) settle(); printf("MOVE %d %d %d\n", move, standing, posture != 0)
#endif

active proctype phone() {
#ifdef REPLAY
#include "stories.pml" /* chooses one */
#endif
	do
	:: d_step { may(DAY) -> day(); done(DAY) }
	:: d_step { may(LOOK) -> see(true); done(LOOK) }
#ifdef EAGER /* a simulation in which more happens */
	:: d_step { may(DAY) -> day(); done(DAY) }
	:: d_step { may(DAY) -> day(); done(DAY) }
	:: d_step { may(DAY) -> day(); done(DAY) }
	:: d_step { may(DAY) -> day(); done(DAY) }
	:: d_step { may(LOOK) -> see(true); done(LOOK) }
	:: d_step { may(LOOK) -> see(true); done(LOOK) }
	:: d_step { may(LOOK) -> see(true); done(LOOK) }
#endif
	:: d_step { may(CONTACT) -> contact(false); done(CONTACT) }
	:: d_step { may(PAY) -> pay(); done(PAY) }
#ifndef NEVER_RELEASED
	:: d_step { may(RELEASE) -> free(); done(RELEASE) }
#endif
	:: d_step { may(STOLEN_RELEASE) -> done(STOLEN_RELEASE) } /* the command key cannot give a phone away */
#if defined(DEBT) || defined(OFFLINE)
	:: d_step { may(CALL) -> call = true; done(CALL) }
	:: d_step { may(CALL_ENDS) -> call = false; done(CALL_ENDS) }
	:: d_step { may(CUT) -> boot(); done(CUT) }
#endif
#if defined(DEBT) || defined(ORDERS)
	:: d_step { may(GLANCE) -> see(false); done(GLANCE) }
#endif
#ifdef ENDS
	:: d_step { may(HOLD) -> if :: (!released && hold < 2) -> hold = 2 :: else -> skip fi; done(HOLD) }
	:: d_step { (may(OFF) && lag < MOST_LAG) -> lag++; boot(); done(OFF) }
#endif
#ifdef OFFLINE
	:: d_step { may(HALF) -> tick(); done(HALF) }
#endif
#ifdef DEBT
	:: d_step { may(CONTACT_STALE) -> contact(true); done(CONTACT_STALE) }
	:: d_step { may(PASS) ->
		if :: (level > 0 && pass == 0 && passes < PASSES) -> passes++; pass = 1 :: else -> skip fi; done(PASS) }
	:: d_step { may(DISPUTE) ->
		if :: (!released && !disputed) -> disputed = true; dispute = DISPUTE_DAYS :: else -> skip fi; done(DISPUTE) }
#endif
#ifdef ORDERS
	:: d_step { may(WARN) -> if :: !released -> pending = true :: else -> skip fi; done(WARN) }
	:: d_step { may(RESTRICT_DEBT) -> restrict(1); done(RESTRICT_DEBT) }
	:: d_step { may(RESTRICT_FRAUD) -> restrict(2); done(RESTRICT_FRAUD) }
	:: d_step { may(RESTORE) -> ordered = 0; done(RESTORE) }
#endif
#ifdef REPLAY
	:: (at == length) -> break
#endif
	od
}

#ifdef CLAIMS
ltl f1_help { [] ((posture & HELP) == 0) }
ltl f3_notices { [] (overdue -> (since_first < 99 && since_first >= 3 && due >= GRACE)) }
ltl f3_orders { [] ((ordered == 2) -> (wn == NOTICES && wtwo)) }
ltl f4_one_level { [] !jumped }
ltl f5_offline { [] (offline -> (charge > BUDGET && offwarned)) }
ltl f6_payment { [] ((due < 0) -> (!overdue && ordered != 1)) }
ltl f7_absorbing { [] (released -> [] (released && posture == 0)) }
ltl f10_confirmed { [] ((level > 0) -> confirmed) }
ltl f13_held { [] ((dispute > 0 -> level < 2) && (pass > 0 -> level == 0)) }
ltl f14_call { [] !begun_in_call }
ltl f16_dead { [] ((silent >= DEAD_DAYS) -> released) }
ltl l1_budget { [] ((charge > BUDGET && offwarned && offage >= WARN_AGE && calm && !released) -> level > 0) }
/* These must be found false, or the claims above say nothing. */
ltl never_full { [] (level < 2) }
ltl never_overdue { [] !overdue }
ltl never_offline { [] !offline }
ltl never_ordered { [] (ordered == 0) }
ltl never_free { [] !(released && silent >= DEAD_DAYS) }
#endif
