package dev.holdfast.agent.screens;

import android.view.View;
import android.widget.LinearLayout;
import android.widget.TextView;
import dev.holdfast.agent.R;
import dev.holdfast.agent.wire.Fields;
import dev.holdfast.agent.wire.Message;
import java.util.Locale;

/** The parts that several pages share. A card that has nothing to say is left out. */
final class Cards {
  private final Kit kit;
  private final PageState state;
  private final Words words;
  private final Figures figures;

  Cards(Kit kit, PageState state) {
    this.kit = kit;
    this.state = state;
    this.words = new Words(kit.context, kit.figures);
    this.figures = kit.figures;
  }

  /** Who locked it and why, and what still works (F11). */
  void whyInto(LinearLayout content) {
    for (String cause : words.causes(state.screen)) {
      kit.text(content, cause);
    }
    row(content, R.string.lender_label, state.screen.text(Fields.Screen.LENDER_NAME));
    int reason = Words.reason(state.screen.number(Fields.Screen.REASON));
    if (reason != 0) {
      kit.row(content, R.string.reason_label, kit.say(reason));
    }
    kit.text(content, kit.say(state.isFull() ? R.string.works_full : R.string.works_limited));
    if (!state.isOverdue() && state.screen.numbers(Fields.Screen.CAUSES).contains((long) Fields.LockCause.LOCK_CAUSE_OFFLINE)) {
      kit.text(content, kit.say(R.string.offline_do));
    }
  }

  void warningsInto(LinearLayout content) {
    Message screen = state.screen;
    long pass = state.left(Fields.Screen.PASS_REMAINING_SECONDS);
    long held = screen.number(Fields.Screen.HELD_UNTIL_UNIX_SECONDS);
    boolean contact = screen.flag(Fields.Screen.CONTACT_REQUIRED);
    if (screen.messages(Fields.Screen.WARNINGS).isEmpty() && pass == 0 && held == 0 && !contact) {
      return;
    }
    LinearLayout card = kit.warningCard(content);
    kit.heading(card, R.string.next_heading);
    for (Message warning : screen.messages(Fields.Screen.WARNINGS)) {
      kit.text(card, words.warning(warning, state.nowMs, state.screenAgeMs));
    }
    if (pass > 0) {
      kit.text(card, kit.say(R.string.pass_running, figures.time(pass)));
    }
    if (held > 0) {
      kit.text(card, kit.say(R.string.held_until, figures.date(held)));
    }
    if (contact) {
      kit.text(card, kit.say(R.string.contact_required));
    }
  }

  /** Who is owed what, and how to pay it. */
  void payInto(LinearLayout content) {
    Message screen = state.screen;
    Message contact = state.contact();
    LinearLayout card = kit.card(content);
    kit.heading(card, R.string.pay_heading);
    if (screen.number(Fields.Screen.DUE_AT_UNIX_SECONDS) > 0) {
      boolean overdue = state.isOverdue();
      String amount = figures.money(screen.text(Fields.Screen.CURRENCY), screen.number(Fields.Screen.AMOUNT_DUE_MINOR));
      String due = figures.date(screen.number(Fields.Screen.DUE_AT_UNIX_SECONDS));
      kit.bigRow(card, overdue ? R.string.amount_due_label : R.string.amount_next_label, amount);
      kit.row(card, overdue ? R.string.was_due_label : R.string.due_label, due);
    } else {
      kit.text(card, kit.say(R.string.nothing_due));
    }
    if (!state.isLocked()) {
      row(card, R.string.lender_label, screen.text(Fields.Screen.LENDER_NAME));
    }
    row(card, R.string.account_label, screen.text(Fields.Screen.ACCOUNT_SHOWN));
    TextView how = row(card, R.string.pay_how_label, contact.text(Fields.Contact.PAY_INSTRUCTIONS));
    speakIn(how, firstLanguage());
    String page = contact.text(Fields.Contact.PAY_URL);
    if (Phone.isPage(page)) {
      kit.primary(card, R.id.pay, R.string.pay_open);
      kit.address(card, page);
    }
    kit.primary(card, R.id.check, R.string.check_now);
    kit.secondary(card, R.id.wifi, R.string.wifi);
  }

  void wrongfulInto(LinearLayout content) {
    long minutes = state.screen.number(Fields.Screen.WRONGFUL_LOCK_MINUTES);
    if (minutes == 0) {
      return;
    }
    LinearLayout card = kit.warningCard(content);
    kit.heading(card, R.string.wrongful_heading);
    kit.text(card, kit.say(R.string.wrongful_minutes, figures.time(minutes * 60)));
  }

  void helpInto(LinearLayout content) {
    Message contact = state.contact();
    String phone = contact.text(Fields.Contact.SUPPORT_PHONE);
    String page = contact.text(Fields.Contact.SUPPORT_URL);
    if (phone.isEmpty() && !Phone.isPage(page)) {
      return;
    }
    LinearLayout card = kit.card(content);
    kit.heading(card, R.string.help_heading);
    if (!phone.isEmpty()) {
      kit.secondary(card, R.id.support, R.string.support_call);
      kit.address(card, phone);
    }
    if (Phone.isPage(page)) {
      kit.secondary(card, R.id.support_page, R.string.support_page);
      kit.address(card, page);
    }
  }

  void disputePageInto(LinearLayout content) {
    String page = state.contact().text(Fields.Contact.DISPUTE_URL);
    if (Phone.isPage(page)) {
      kit.secondary(content, R.id.dispute_page, R.string.dispute_page);
      kit.address(content, page);
    }
  }

  /** The lender's words, in the language they were written in. */
  void noticesInto(LinearLayout content) {
    if (state.notices.isEmpty()) {
      return;
    }
    LinearLayout card = kit.card(content);
    kit.heading(card, R.string.notices_heading);
    for (Message notice : state.notices) {
      TextView text = kit.text(card, words.notice(notice, state.screen));
      text.setTextDirection(View.TEXT_DIRECTION_FIRST_STRONG);
      if (!notice.text(Fields.NoticeToShow.TEXT).isEmpty()) {
        speakIn(text, notice.text(Fields.NoticeToShow.LANGUAGE));
      }
    }
  }

  /** What the phone may do, what it did, and the record to take away. */
  void recordInto(LinearLayout content) {
    LinearLayout card = kit.card(content);
    kit.heading(card, R.string.record_heading);
    long paidUntil = state.screen.number(Fields.Screen.PAID_UNTIL_UNIX_SECONDS);
    if (paidUntil > 0) {
      kit.row(card, R.string.paid_until_label, figures.date(paidUntil));
    }
    if (state.isLocked()) {
      long minutes = state.screen.number(Fields.Screen.LOCKED_MINUTES) + state.screenAgeMs / 60_000;
      kit.row(card, R.string.locked_for_label, figures.time(minutes * 60));
    }
    kit.secondary(card, R.id.rules, R.string.rules_open);
    kit.secondary(card, R.id.log, R.string.log_open);
    kit.secondary(card, R.id.export, R.string.record_export);
  }

  void logInto(LinearLayout content) {
    kit.title(content, kit.say(R.string.log_title));
    kit.text(content, kit.say(state.decisions.isEmpty() ? R.string.log_empty : R.string.log_what));
    for (int index = state.decisions.size() - 1; index >= 0; index--) {
      Message decision = state.decisions.get(index);
      LinearLayout card = kit.card(content);
      long at = decision.number(Fields.Decision.AT_UNIX_SECONDS);
      kit.soft(card, kit.say(R.string.log_number, decision.number(Fields.Decision.NUMBER)));
      if (at > 0) {
        kit.soft(card, figures.dateAndTime(at * 1000));
      }
      kit.text(card, words.decision(decision));
      int reason = Words.reason(decision.number(Fields.Decision.REASON));
      if (reason != 0) {
        kit.row(card, R.string.reason_label, kit.say(reason));
      }
    }
  }

  private TextView row(LinearLayout card, int label, String value) {
    return value.isEmpty() ? null : kit.row(card, label, value);
  }

  private String firstLanguage() {
    for (String tag : state.screen.texts(Fields.Screen.LANGUAGES)) {
      return tag;
    }
    return "";
  }

  /** So that TalkBack reads it with the right voice. */
  private static void speakIn(TextView text, String tag) {
    if (text != null && !tag.isEmpty()) {
      text.setTextLocale(Locale.forLanguageTag(tag));
    }
  }
}
