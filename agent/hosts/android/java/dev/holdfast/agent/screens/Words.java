package dev.holdfast.agent.screens;

import android.content.Context;
import dev.holdfast.agent.R;
import dev.holdfast.agent.wire.Fields;
import dev.holdfast.agent.wire.Message;
import java.util.ArrayList;
import java.util.List;

/** What the numbers of a screen, a notice, a decision and an answer mean, in the borrower's language. */
final class Words {
  private final Context context;
  private final Figures figures;

  Words(Context context, Figures figures) {
    this.context = context;
    this.figures = figures;
  }

  /** Why it is locked, one sentence for each cause; never nothing on a locked screen. */
  List<String> causes(Message screen) {
    List<String> said = new ArrayList<String>();
    for (long cause : screen.numbers(Fields.Screen.CAUSES)) {
      switch ((int) cause) {
        case Fields.LockCause.LOCK_CAUSE_OVERDUE:
          said.add(context.getString(R.string.cause_overdue));
          break;
        case Fields.LockCause.LOCK_CAUSE_OFFLINE:
          said.add(context.getString(R.string.cause_offline));
          break;
        case Fields.LockCause.LOCK_CAUSE_ORDERED:
          said.add(context.getString(R.string.cause_ordered));
          break;
        case Fields.LockCause.LOCK_CAUSE_OBSERVED:
          said.add(context.getString(R.string.cause_observed));
          break;
        default:
          break;
      }
    }
    if (said.isEmpty()) {
      said.add(context.getString(R.string.cause_unknown));
    }
    return said;
  }

  /** 0 if there is none. */
  static int reason(long reason) {
    switch ((int) reason) {
      case Fields.ReasonCode.REASON_CODE_PAYMENT:
        return R.string.reason_payment;
      case Fields.ReasonCode.REASON_CODE_OVERDUE:
        return R.string.reason_overdue;
      case Fields.ReasonCode.REASON_CODE_LENDER_ERROR:
        return R.string.reason_lender_error;
      case Fields.ReasonCode.REASON_CODE_DISPUTE:
        return R.string.reason_dispute;
      case Fields.ReasonCode.REASON_CODE_PROMISE_TO_PAY:
        return R.string.reason_promise_to_pay;
      case Fields.ReasonCode.REASON_CODE_DISASTER:
        return R.string.reason_disaster;
      case Fields.ReasonCode.REASON_CODE_THEFT_REPORTED:
        return R.string.reason_theft_reported;
      case Fields.ReasonCode.REASON_CODE_FRAUD:
        return R.string.reason_fraud;
      case Fields.ReasonCode.REASON_CODE_PAID_OFF:
        return R.string.reason_paid_off;
      case Fields.ReasonCode.REASON_CODE_RETURNED:
        return R.string.reason_returned;
      case Fields.ReasonCode.REASON_CODE_SERVICE:
        return R.string.reason_service;
      case Fields.ReasonCode.REASON_CODE_GOODWILL:
        return R.string.reason_goodwill;
      default:
        return 0;
    }
  }

  /**
   * What will happen, and from what date on.
   *
   * @param nowMs wall-clock time.
   * @param ageMs how long ago the warning was said.
   */
  String warning(Message warning, long nowMs, long ageMs) {
    long left = Math.max(0, warning.number(Fields.ScreenWarning.REMAINING_SECONDS) * 1000 - ageMs);
    String date = figures.dateAndTime(nowMs + left);
    switch ((int) warning.number(Fields.ScreenWarning.KIND)) {
      case Fields.WarningKind.WARNING_KIND_OFFLINE_LOCK:
        return context.getString(R.string.warning_offline_lock, date, figures.time(left / 1000));
      case Fields.WarningKind.WARNING_KIND_FULL_LOCK:
        return context.getString(R.string.warning_full_lock, date);
      case Fields.WarningKind.WARNING_KIND_OVERDUE_LOCK:
        return context.getString(R.string.warning_overdue_lock, date);
      default:
        return "";
    }
  }

  /** The lender's own words, or ours from its kind and the screen. */
  String notice(Message notice, Message screen) {
    String text = notice.text(Fields.NoticeToShow.TEXT);
    if (!text.isEmpty()) {
      return text;
    }
    String amount = figures.money(screen.text(Fields.Screen.CURRENCY), screen.number(Fields.Screen.AMOUNT_DUE_MINOR));
    String due = figures.date(screen.number(Fields.Screen.DUE_AT_UNIX_SECONDS));
    boolean known = screen.number(Fields.Screen.DUE_AT_UNIX_SECONDS) > 0;
    switch ((int) notice.number(Fields.NoticeToShow.KIND)) {
      case Fields.NoticeKind.NOTICE_KIND_DUE_SOON:
        return known ? context.getString(R.string.notice_due_soon, amount, due) : context.getString(R.string.notice_information);
      case Fields.NoticeKind.NOTICE_KIND_OVERDUE:
        return known ? context.getString(R.string.notice_overdue, amount, due) : context.getString(R.string.notice_overdue_plain);
      case Fields.NoticeKind.NOTICE_KIND_LOCK_WARNING:
        return known ? context.getString(R.string.notice_lock_warning, amount) : context.getString(R.string.notice_lock_warning_plain);
      case Fields.NoticeKind.NOTICE_KIND_OFFLINE_WARNING:
        return context.getString(R.string.notice_offline_warning);
      default:
        return context.getString(R.string.notice_information);
    }
  }

  /** One decision of the log in one sentence. */
  String decision(Message decision) {
    switch ((int) decision.number(Fields.Decision.KIND)) {
      case Fields.DecisionKind.DECISION_KIND_BOUND:
        return context.getString(R.string.decision_bound);
      case Fields.DecisionKind.DECISION_KIND_CONFIRMED:
        return context.getString(R.string.decision_confirmed);
      case Fields.DecisionKind.DECISION_KIND_SEALED:
        return context.getString(R.string.decision_sealed);
      case Fields.DecisionKind.DECISION_KIND_STANDING:
        return context.getString(standing(decision.number(Fields.Decision.STANDING)));
      case Fields.DecisionKind.DECISION_KIND_ORDER_ACCEPTED:
        return context.getString(R.string.decision_order_accepted);
      case Fields.DecisionKind.DECISION_KIND_ORDER_REFUSED:
        return context.getString(R.string.decision_order_refused, decision.text(Fields.Decision.DETAIL));
      case Fields.DecisionKind.DECISION_KIND_NOTICE_SHOWN:
        return context.getString(R.string.decision_notice_shown);
      case Fields.DecisionKind.DECISION_KIND_PASS_TAKEN:
        return context.getString(R.string.decision_pass_taken);
      case Fields.DecisionKind.DECISION_KIND_DISPUTE_OPENED:
        return context.getString(R.string.decision_dispute_opened);
      case Fields.DecisionKind.DECISION_KIND_RELEASED:
        return context.getString(R.string.decision_released);
      case Fields.DecisionKind.DECISION_KIND_OWNERSHIP_RETURNED:
        return context.getString(R.string.decision_ownership_returned);
      case Fields.DecisionKind.DECISION_KIND_RECORD_LOST:
        return context.getString(R.string.decision_record_lost);
      case Fields.DecisionKind.DECISION_KIND_IDENTITY_CHANGED:
        return context.getString(R.string.decision_identity_changed);
      case Fields.DecisionKind.DECISION_KIND_SIM_CHANGED:
        return context.getString(R.string.decision_sim_changed);
      case Fields.DecisionKind.DECISION_KIND_ATTESTATION_CHANGED:
        return context.getString(R.string.decision_attestation_changed);
      case Fields.DecisionKind.DECISION_KIND_RECORD_RESTORED:
        return context.getString(R.string.decision_record_restored);
      case Fields.DecisionKind.DECISION_KIND_CODE_ACCEPTED:
        return context.getString(R.string.decision_code_accepted);
      case Fields.DecisionKind.DECISION_KIND_CODES_SIGNED_ONLY:
        return context.getString(R.string.decision_codes_signed_only);
      case Fields.DecisionKind.DECISION_KIND_CONTACT_RESTORED:
        return context.getString(R.string.decision_contact_restored);
      case Fields.DecisionKind.DECISION_KIND_WRONGFUL_MINUTES:
        return wrongful(decision.text(Fields.Decision.DETAIL));
      case Fields.DecisionKind.DECISION_KIND_KEYS_TAKEN:
        return context.getString(R.string.decision_keys_taken);
      default:
        return context.getString(R.string.decision_other);
    }
  }

  private String wrongful(String minutes) {
    try {
      return context.getString(R.string.decision_wrongful_minutes, figures.time(Long.parseLong(minutes) * 60));
    } catch (NumberFormatException none) {
      return context.getString(R.string.decision_other);
    }
  }

  private static int standing(long standing) {
    switch ((int) standing) {
      case Fields.Standing.STANDING_UNLOCKED:
        return R.string.decision_unlocked;
      case Fields.Standing.STANDING_GRACE:
        return R.string.decision_grace;
      case Fields.Standing.STANDING_LOCKED_LIMITED:
        return R.string.decision_limited;
      case Fields.Standing.STANDING_LOCKED_FULL:
        return R.string.decision_full;
      case Fields.Standing.STANDING_RELEASED:
        return R.string.decision_released;
      default:
        return R.string.decision_other;
    }
  }

  /** Words for each of agent/daemon/borrower.ts's refusals and the host's own NOT_STORED; for a code from later on, call support. */
  static int refusal(String code) {
    switch (code) {
      case "NOT_BOUND":
        return R.string.refused_not_bound;
      case "NOT_LOCKED":
        return R.string.refused_not_locked;
      case "ALREADY_IN_USE":
        return R.string.refused_already_in_use;
      case "NONE_LEFT":
        return R.string.refused_none_left;
      case "ONCE_A_PERIOD":
        return R.string.refused_once_a_period;
      case "NOT_AVAILABLE":
        return R.string.refused_not_available;
      case "MISTYPED":
        return R.string.refused_mistyped;
      case "WRONG_CODE":
        return R.string.refused_wrong_code;
      case "USED":
        return R.string.refused_used;
      case "BACKING_OFF":
        return R.string.refused_backing_off;
      case "SIGNED_ONLY":
        return R.string.refused_signed_only;
      case "NOT_STORED":
        return R.string.refused_not_stored;
      default:
        return R.string.refused_unknown;
    }
  }
}
