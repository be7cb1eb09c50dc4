package dev.holdfast.agent.screens;

import dev.holdfast.agent.wire.Fields;
import dev.holdfast.agent.wire.Message;
import java.util.Collections;
import java.util.List;

/** Everything that a page is made from. */
final class PageState {
  /** Pages behind the first one. */
  static final int MAIN = 0;
  static final int CODE = 1;
  static final int PASS = 2;
  static final int DISPUTE = 3;
  static final int LOG = 4;
  static final int RULES = 5;

  /** holdfast.v1.Screen. */
  Message screen = Message.empty();

  /** holdfast.v1.NoticeToShow. */
  List<Message> notices = Collections.emptyList();

  /** holdfast.v1.Decision, the latest last. */
  List<Message> decisions = Collections.emptyList();

  /** Wall-clock time. */
  long nowMs;

  /** How long ago the screen was said. */
  long screenAgeMs;

  /** One of the pages above. */
  int page = MAIN;

  /** What became of the last press; empty if there is nothing to say. */
  String answer = "";

  /** What was typed so far. */
  String code = "";

  int kind() {
    return (int) screen.number(Fields.Screen.KIND);
  }

  boolean isFull() {
    return kind() == Fields.ScreenKind.SCREEN_KIND_FULL;
  }

  boolean isLocked() {
    return isFull() || kind() == Fields.ScreenKind.SCREEN_KIND_LIMITED;
  }

  Message contact() {
    return screen.message(Fields.Screen.CONTACT);
  }

  /** Seconds of a time that was left when the screen was said. */
  long left(int field) {
    return Math.max(0, screen.number(field) - screenAgeMs / 1000);
  }

  /** Something is due and not paid, as far as the screen says. */
  boolean isOverdue() {
    return kind() == Fields.ScreenKind.SCREEN_KIND_GRACE
        || screen.numbers(Fields.Screen.CAUSES).contains((long) Fields.LockCause.LOCK_CAUSE_OVERDUE)
        || screen.number(Fields.Screen.REASON) == Fields.ReasonCode.REASON_CODE_OVERDUE;
  }

  boolean warnsOfOffline() {
    for (Message warning : screen.messages(Fields.Screen.WARNINGS)) {
      if (warning.number(Fields.ScreenWarning.KIND) == Fields.WarningKind.WARNING_KIND_OFFLINE_LOCK) {
        return true;
      }
    }
    return false;
  }
}
