package dev.holdfast.agent.screens;

import android.view.View;
import android.widget.LinearLayout;
import dev.holdfast.agent.R;
import dev.holdfast.agent.wire.Fields;
import dev.holdfast.agent.wire.Message;
import java.util.List;

/** The terms in plain words: who, how much, what may be restricted and when, what never. */
final class ConsentPage {
  private static final long DAY = 24 * 3600;

  private final Kit kit;
  private final Message terms;
  private final Figures figures;

  private ConsentPage(Kit kit, Message terms) {
    this.kit = kit;
    this.terms = terms;
    this.figures = kit.figures;
  }

  static View of(Kit kit, Message terms) {
    return new ConsentPage(kit, terms).page();
  }

  private View page() {
    LinearLayout content = kit.content();
    kit.title(content, kit.say(R.string.consent_title));
    kit.text(content, kit.say(R.string.consent_read));
    whoInto(kit.card(content));
    whenInto(kit.card(content));
    rightsInto(kit.card(content));
    new RulesCards(kit).into(content);
    kit.text(content, kit.say(R.string.consent_free));
    kit.primary(content, R.id.agree, R.string.agree);
    kit.primary(content, R.id.disagree, R.string.disagree);
    return kit.page(content);
  }

  private void whoInto(LinearLayout card) {
    kit.heading(card, R.string.consent_who);
    kit.row(card, R.string.lender_label, terms.text(Fields.Terms.LENDER_NAME));
    kit.row(card, R.string.account_label, terms.text(Fields.Terms.ACCOUNT_SHOWN));
    List<Message> instalments = terms.messages(Fields.Terms.INSTALMENTS);
    if (!instalments.isEmpty()) {
      long total = 0;
      for (Message instalment : instalments) {
        total += instalment.number(Fields.Instalment.AMOUNT_MINOR);
      }
      String currency = terms.text(Fields.Terms.CURRENCY);
      kit.bigRow(card, R.string.consent_total_label, figures.money(currency, total));
      int count = instalments.size();
      kit.text(card, kit.context.getResources().getQuantityString(R.plurals.consent_instalments, count, count));
      row(card, R.string.consent_first_label, instalments.get(0));
      if (count > 1) {
        row(card, R.string.consent_last_label, instalments.get(count - 1));
      }
    }
    String phone = terms.message(Fields.Terms.CONTACT).text(Fields.Contact.SUPPORT_PHONE);
    if (!phone.isEmpty()) {
      kit.secondary(card, R.id.support, R.string.support_call);
      kit.address(card, phone);
    }
  }

  private void row(LinearLayout card, int label, Message instalment) {
    String amount = figures.money(terms.text(Fields.Terms.CURRENCY), instalment.number(Fields.Instalment.AMOUNT_MINOR));
    String due = figures.date(instalment.number(Fields.Instalment.DUE_AT_UNIX_SECONDS));
    kit.row(card, label, kit.say(R.string.consent_instalment, amount, due));
  }

  private void whenInto(LinearLayout card) {
    Message ladder = terms.message(Fields.Terms.LADDER);
    Message notices = terms.message(Fields.Terms.NOTICES);
    Message offline = terms.message(Fields.Terms.OFFLINE);
    Message observed = terms.message(Fields.Terms.OBSERVATIONS);
    kit.heading(card, R.string.consent_when);
    days(card, R.plurals.consent_grace, ladder.number(Fields.Ladder.GRACE_SECONDS));
    count(card, R.plurals.consent_notices, notices.number(Fields.NoticeTerms.COUNT));
    kit.text(card, kit.say(R.string.consent_limited));
    if (ladder.number(Fields.Ladder.MAX_LEVEL) == Fields.RestrictionLevel.RESTRICTION_LEVEL_FULL) {
      days(card, R.plurals.consent_full, ladder.number(Fields.Ladder.LIMITED_DWELL_SECONDS));
    } else {
      kit.text(card, kit.say(R.string.consent_never_full));
    }
    long budget = offline.number(Fields.OfflineTerms.BUDGET_SECONDS);
    kit.text(card, budget == 0 ? kit.say(R.string.consent_never_offline) : kit.say(R.string.consent_offline, figures.time(budget)));
    if (observed.number(Fields.ObservationTerms.ON_SIM_CHANGE) > 0) {
      kit.text(card, kit.say(R.string.consent_sim));
    }
    if (observed.number(Fields.ObservationTerms.ON_ATTESTATION_CHANGE) > 0) {
      kit.text(card, kit.say(R.string.consent_attestation));
    }
    kit.text(card, kit.say(R.string.consent_place));
  }

  private void rightsInto(LinearLayout card) {
    Message passes = terms.message(Fields.Terms.PASSES);
    kit.heading(card, R.string.consent_rights);
    int count = (int) passes.number(Fields.PassTerms.PER_YEAR);
    String each = figures.time(passes.number(Fields.PassTerms.DURATION_SECONDS));
    kit.text(card, kit.context.getResources().getQuantityString(R.plurals.consent_passes, count, count, each));
    kit.text(card, kit.say(R.string.consent_dispute));
    kit.text(card, kit.say(R.string.consent_record));
    kit.text(card, kit.say(R.string.consent_end));
    long gone = terms.number(Fields.Terms.DEAD_LENDER_RELEASE_SECONDS);
    if (gone > 0) {
      kit.text(card, kit.say(R.string.consent_gone, figures.time(gone)));
    }
  }

  private void days(LinearLayout card, int plural, long seconds) {
    count(card, plural, seconds / DAY);
  }

  private void count(LinearLayout card, int plural, long count) {
    kit.text(card, kit.context.getResources().getQuantityString(plural, (int) count, (int) count));
  }
}
