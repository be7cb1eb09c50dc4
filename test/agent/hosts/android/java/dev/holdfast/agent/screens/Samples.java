package dev.holdfast.agent.screens;

import android.view.View;
import dev.holdfast.agent.wire.Fields;
import dev.holdfast.agent.wire.Message;
import dev.holdfast.agent.wire.MessageWriter;
import java.util.ArrayList;
import java.util.List;

/** Every page there is, with the longest that can be on it. */
enum Samples {
  FULL,
  FULL_ORDERED,
  LIMITED,
  LIMITED_OFFLINE,
  LIMITED_OBSERVED,
  GRACE,
  UNLOCKED,
  OFFLINE_WARNING,
  PASS_RUNNING,
  RECOVERY,
  RELEASED,
  UNBOUND,
  STARTING,
  BROKEN,
  CODE,
  CODE_WAITING,
  CODE_SIGNED_ONLY,
  CODE_RELEASE_ONLY,
  PASS,
  DISPUTE,
  LOG,
  RULES,
  CONSENT;

  /** 2026-05-20T09:00:00Z. */
  static final long NOW_SECONDS = 1_779_267_600L;

  static final String PAY_URL = "https://pay.example.com/phone";
  static final String SUPPORT_PHONE = "+254700123456";
  private static final long DAY = 86_400;

  View draw(Kit kit) {
    if (this == BROKEN) {
      return BrokenPage.of(kit, "Acme Credit", SUPPORT_PHONE);
    }
    return this == CONSENT ? ConsentPage.of(kit, terms()) : LockPages.of(kit, state());
  }

  PageState state() {
    PageState state = new PageState();
    state.nowMs = NOW_SECONDS * 1000;
    state.screen = screen();
    if (this == FULL) {
      state.notices = List.of(notice(Fields.NoticeKind.NOTICE_KIND_LOCK_WARNING, ""));
    }
    if (this == GRACE) {
      state.notices = List.of(notice(Fields.NoticeKind.NOTICE_KIND_OVERDUE, "Tafadhali lipa leo."), notice(Fields.NoticeKind.NOTICE_KIND_DUE_SOON, ""));
    }
    state.page =
        switch (this) {
          case CODE, CODE_WAITING, CODE_SIGNED_ONLY, CODE_RELEASE_ONLY -> PageState.CODE;
          case PASS -> PageState.PASS;
          case DISPUTE -> PageState.DISPUTE;
          case LOG -> PageState.LOG;
          case RULES -> PageState.RULES;
          default -> PageState.MAIN;
        };
    if (this == LOG) {
      state.decisions = everyDecision();
    }
    return state;
  }

  /** holdfast.v1.Screen. */
  Message screen() {
    MessageWriter screen = new MessageWriter().number(Fields.Screen.KIND, kind());
    if (this == UNBOUND || this == STARTING || this == RECOVERY) {
      return Message.read(screen.toBytes());
    }
    screen.text(Fields.Screen.LENDER_NAME, "Acme Credit").text(Fields.Screen.ACCOUNT_SHOWN, "AC-2041-77");
    switch (this) {
      case FULL_ORDERED -> screen.number(Fields.Screen.CAUSES, Fields.LockCause.LOCK_CAUSE_ORDERED);
      case LIMITED_OFFLINE -> screen.number(Fields.Screen.CAUSES, Fields.LockCause.LOCK_CAUSE_OFFLINE);
      case LIMITED_OBSERVED -> screen.number(Fields.Screen.CAUSES, Fields.LockCause.LOCK_CAUSE_OBSERVED);
      default -> screen.number(Fields.Screen.CAUSES, isLocked() ? Fields.LockCause.LOCK_CAUSE_OVERDUE : 0);
    }
    screen
        .number(Fields.Screen.REASON, this == FULL_ORDERED ? Fields.ReasonCode.REASON_CODE_THEFT_REPORTED : 0)
        .text(Fields.Screen.CURRENCY, "KES")
        .number(Fields.Screen.AMOUNT_DUE_MINOR, 125_050)
        .number(Fields.Screen.DUE_AT_UNIX_SECONDS, NOW_SECONDS - 9 * DAY)
        .number(Fields.Screen.PAID_UNTIL_UNIX_SECONDS, NOW_SECONDS - 9 * DAY)
        .nested(Fields.Screen.CONTACT, contact())
        .texts(Fields.Screen.LANGUAGES, List.of("sw", "en"));
    int warning =
        switch (this) {
          case LIMITED -> Fields.WarningKind.WARNING_KIND_FULL_LOCK;
          case GRACE -> Fields.WarningKind.WARNING_KIND_OVERDUE_LOCK;
          case OFFLINE_WARNING -> Fields.WarningKind.WARNING_KIND_OFFLINE_LOCK;
          default -> 0;
        };
    if (warning != 0) {
      MessageWriter said = new MessageWriter().number(Fields.ScreenWarning.KIND, warning);
      screen.nested(Fields.Screen.WARNINGS, said.number(Fields.ScreenWarning.REMAINING_SECONDS, 2 * DAY + 4 * 3600));
    }
    screen
        .number(Fields.Screen.PASSES_LEFT, 2)
        .number(Fields.Screen.PASS_REMAINING_SECONDS, this == PASS_RUNNING ? 30 * 3600 : 0)
        .number(Fields.Screen.LOCKED_MINUTES, isLocked() ? 3100 : 0)
        .number(Fields.Screen.HELD_UNTIL_UNIX_SECONDS, this == LIMITED_OBSERVED ? NOW_SECONDS + 12 * DAY : 0)
        .text(Fields.Screen.REQUEST_NUMBER, this == CODE_RELEASE_ONLY || this == CODE_SIGNED_ONLY ? "" : "12345678")
        .number(Fields.Screen.CODES_BACK_OFF_SECONDS, this == CODE_WAITING ? 530 : 0)
        .flag(Fields.Screen.SIGNED_ONLY, this == CODE_SIGNED_ONLY)
        .flag(Fields.Screen.CONTACT_REQUIRED, this == UNLOCKED)
        .number(Fields.Screen.WRONGFUL_LOCK_MINUTES, this == FULL_ORDERED ? 190 : 0);
    return Message.read(screen.toBytes());
  }

  private boolean isLocked() {
    return kind() == Fields.ScreenKind.SCREEN_KIND_FULL || kind() == Fields.ScreenKind.SCREEN_KIND_LIMITED;
  }

  private int kind() {
    return switch (this) {
      case LIMITED, LIMITED_OFFLINE, LIMITED_OBSERVED -> Fields.ScreenKind.SCREEN_KIND_LIMITED;
      case GRACE -> Fields.ScreenKind.SCREEN_KIND_GRACE;
      case UNLOCKED, OFFLINE_WARNING, PASS_RUNNING -> Fields.ScreenKind.SCREEN_KIND_UNLOCKED;
      case RECOVERY -> Fields.ScreenKind.SCREEN_KIND_RECOVERY;
      case RELEASED -> Fields.ScreenKind.SCREEN_KIND_RELEASED;
      case UNBOUND -> Fields.ScreenKind.SCREEN_KIND_UNBOUND;
      case STARTING -> Fields.ScreenKind.SCREEN_KIND_UNSPECIFIED;
      default -> Fields.ScreenKind.SCREEN_KIND_FULL;
    };
  }

  static MessageWriter contact() {
    return new MessageWriter()
        .text(Fields.Contact.SUPPORT_PHONE, SUPPORT_PHONE)
        .text(Fields.Contact.SUPPORT_URL, "https://help.example.com")
        .text(Fields.Contact.PAY_URL, PAY_URL)
        .text(Fields.Contact.PAY_INSTRUCTIONS, "M-Pesa > Pay Bill > 400200 > AC-2041-77")
        .text(Fields.Contact.DISPUTE_URL, "https://help.example.com/dispute");
  }

  static Message notice(int kind, String text) {
    MessageWriter notice = new MessageWriter().text(Fields.NoticeToShow.NOTICE_ID, "notice-" + kind);
    notice.number(Fields.NoticeToShow.KIND, kind).text(Fields.NoticeToShow.TEXT, text);
    return Message.read(notice.text(Fields.NoticeToShow.LANGUAGE, text.isEmpty() ? "" : "sw").toBytes());
  }

  static List<Message> everyDecision() {
    List<Message> decisions = new ArrayList<>();
    for (int kind = 1; kind <= Fields.DecisionKind.DECISION_KIND_KEYS_TAKEN; kind++) {
      boolean isCount = kind == Fields.DecisionKind.DECISION_KIND_WRONGFUL_MINUTES;
      MessageWriter decision =
          new MessageWriter()
              .number(Fields.Decision.NUMBER, kind)
              .number(Fields.Decision.AT_UNIX_SECONDS, NOW_SECONDS + kind * 3600L)
              .number(Fields.Decision.KIND, kind)
              .number(Fields.Decision.STANDING, Fields.Standing.STANDING_LOCKED_LIMITED)
              .number(Fields.Decision.REASON, kind == Fields.DecisionKind.DECISION_KIND_ORDER_ACCEPTED ? 5 : 0)
              .text(Fields.Decision.DETAIL, isCount ? "190" : "F3");
      decisions.add(Message.read(decision.toBytes()));
    }
    return decisions;
  }

  /** holdfast.v1.Terms with every clause. */
  static Message terms() {
    MessageWriter terms =
        new MessageWriter()
            .text(Fields.Terms.CONTRACT_ID, "c-1")
            .text(Fields.Terms.LENDER_NAME, "Acme Credit")
            .text(Fields.Terms.ACCOUNT_SHOWN, "AC-2041-77")
            .text(Fields.Terms.CURRENCY, "KES");
    for (int month = 0; month < 12; month++) {
      MessageWriter instalment = new MessageWriter().number(Fields.Instalment.DUE_AT_UNIX_SECONDS, NOW_SECONDS + month * 30 * DAY);
      terms.nested(Fields.Terms.INSTALMENTS, instalment.number(Fields.Instalment.AMOUNT_MINOR, 125_050));
    }
    MessageWriter ladder = new MessageWriter().number(Fields.Ladder.GRACE_SECONDS, 5 * DAY).number(Fields.Ladder.LIMITED_DWELL_SECONDS, DAY);
    terms
        .nested(Fields.Terms.LADDER, ladder.number(Fields.Ladder.MAX_LEVEL, Fields.RestrictionLevel.RESTRICTION_LEVEL_FULL))
        .nested(Fields.Terms.NOTICES, new MessageWriter().number(Fields.NoticeTerms.COUNT, 3))
        .nested(Fields.Terms.OFFLINE, new MessageWriter().number(Fields.OfflineTerms.BUDGET_SECONDS, 30 * DAY))
        .nested(Fields.Terms.PASSES, new MessageWriter().number(Fields.PassTerms.PER_YEAR, 2).number(Fields.PassTerms.DURATION_SECONDS, 2 * DAY))
        .nested(Fields.Terms.CONTACT, contact())
        .texts(Fields.Terms.LANGUAGES, List.of("sw", "en"))
        .number(Fields.Terms.DEAD_LENDER_RELEASE_SECONDS, 180 * DAY);
    MessageWriter observed = new MessageWriter().number(Fields.ObservationTerms.ON_SIM_CHANGE, 1);
    terms.nested(Fields.Terms.OBSERVATIONS, observed.number(Fields.ObservationTerms.ON_ATTESTATION_CHANGE, 1));
    return Message.read(terms.toBytes());
  }
}
