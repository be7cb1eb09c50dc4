package dev.holdfast.agent.screens;

import android.view.View;
import android.widget.LinearLayout;
import dev.holdfast.agent.R;
import dev.holdfast.agent.wire.Fields;

/** Which page says what. One for each ScreenKind, and those behind it. */
final class LockPages {
  private final Kit kit;
  private final PageState state;
  private final Cards cards;

  private LockPages(Kit kit, PageState state) {
    this.kit = kit;
    this.state = state;
    this.cards = new Cards(kit, state);
  }

  static View of(Kit kit, PageState state) {
    return new LockPages(kit, state).page();
  }

  private View page() {
    LinearLayout content = kit.content();
    switch (state.page) {
      case PageState.CODE:
        new CodePage(kit, state).into(content);
        break;
      case PageState.PASS:
        passInto(content);
        break;
      case PageState.DISPUTE:
        disputeInto(content);
        break;
      case PageState.LOG:
        cards.logInto(content);
        break;
      case PageState.RULES:
        rulesInto(content);
        break;
      default:
        mainInto(content);
        break;
    }
    if (state.page != PageState.MAIN) {
      kit.secondary(content, R.id.back, R.string.back);
    }
    return kit.page(content);
  }

  private void mainInto(LinearLayout content) {
    kit.title(content, kit.say(title()));
    kit.answer(content, state.answer);
    switch (state.kind()) {
      case Fields.ScreenKind.SCREEN_KIND_LIMITED:
      case Fields.ScreenKind.SCREEN_KIND_FULL:
        lockedInto(content);
        break;
      case Fields.ScreenKind.SCREEN_KIND_GRACE:
      case Fields.ScreenKind.SCREEN_KIND_UNLOCKED:
        openInto(content);
        break;
      case Fields.ScreenKind.SCREEN_KIND_RECOVERY:
        recoveryInto(content);
        break;
      case Fields.ScreenKind.SCREEN_KIND_RELEASED:
        kit.text(content, kit.say(R.string.released_done));
        kit.text(content, kit.say(R.string.released_final));
        cards.helpInto(content);
        cards.recordInto(content);
        break;
      case Fields.ScreenKind.SCREEN_KIND_UNBOUND:
        kit.text(content, kit.say(R.string.unbound_nothing));
        break;
      default:
        kit.text(content, kit.say(R.string.starting_wait));
        break;
    }
  }

  private int title() {
    switch (state.kind()) {
      case Fields.ScreenKind.SCREEN_KIND_LIMITED:
        return R.string.title_limited;
      case Fields.ScreenKind.SCREEN_KIND_FULL:
        return R.string.title_full;
      case Fields.ScreenKind.SCREEN_KIND_GRACE:
        return R.string.title_grace;
      case Fields.ScreenKind.SCREEN_KIND_UNLOCKED:
        return state.warnsOfOffline() ? R.string.title_offline : R.string.title_unlocked;
      case Fields.ScreenKind.SCREEN_KIND_RECOVERY:
        return R.string.title_recovery;
      case Fields.ScreenKind.SCREEN_KIND_RELEASED:
        return R.string.title_released;
      case Fields.ScreenKind.SCREEN_KIND_UNBOUND:
        return R.string.title_unbound;
      default:
        return R.string.title_starting;
    }
  }

  private void lockedInto(LinearLayout content) {
    cards.whyInto(content);
    cards.warningsInto(content);
    cards.payInto(content);
    cards.wrongfulInto(content);
    cards.helpInto(content);
    LinearLayout ways = kit.card(content);
    kit.heading(ways, R.string.ways_heading);
    kit.secondary(ways, R.id.code, R.string.code_enter);
    kit.secondary(ways, R.id.pass, R.string.pass_use);
    kit.secondary(ways, R.id.dispute, R.string.dispute_say);
    cards.noticesInto(content);
    cards.recordInto(content);
  }

  /** Paid, or late and not locked: what is owed, what comes next, what the phone may do. */
  private void openInto(LinearLayout content) {
    boolean late = state.kind() == Fields.ScreenKind.SCREEN_KIND_GRACE;
    if (late) {
      kit.text(content, kit.say(R.string.grace_nothing_locked));
    } else if (!state.warnsOfOffline()) {
      kit.text(content, kit.say(R.string.unlocked_all_works));
    }
    cards.warningsInto(content);
    cards.payInto(content);
    cards.wrongfulInto(content);
    cards.helpInto(content);
    if (late) {
      LinearLayout ways = kit.card(content);
      kit.heading(ways, R.string.ways_heading_grace);
      kit.secondary(ways, R.id.code, R.string.code_enter);
      kit.secondary(ways, R.id.dispute, R.string.dispute_say);
    } else {
      LinearLayout ways = kit.card(content);
      kit.heading(ways, R.string.ways_heading_open);
      kit.secondary(ways, R.id.code, R.string.code_enter);
    }
    cards.noticesInto(content);
    cards.recordInto(content);
  }

  private void recoveryInto(LinearLayout content) {
    kit.text(content, kit.say(R.string.recovery_lost));
    kit.text(content, kit.say(R.string.recovery_do));
    kit.primary(content, R.id.check, R.string.check_lender);
    kit.secondary(content, R.id.wifi, R.string.wifi);
    cards.helpInto(content);
    cards.recordInto(content);
  }

  private void passInto(LinearLayout content) {
    int left = (int) state.screen.number(Fields.Screen.PASSES_LEFT);
    kit.title(content, kit.say(R.string.pass_title));
    kit.answer(content, state.answer);
    kit.text(content, kit.say(R.string.pass_what));
    kit.text(content, kit.say(R.string.pass_same_debt));
    kit.bigRow(content, R.string.pass_left_label, kit.context.getResources().getQuantityString(R.plurals.passes_left, left, left));
    if (left > 0) {
      kit.primary(content, R.id.pass_confirm, R.string.pass_confirm);
    }
  }

  private void disputeInto(LinearLayout content) {
    kit.title(content, kit.say(R.string.dispute_title));
    kit.answer(content, state.answer);
    kit.text(content, kit.say(R.string.dispute_what));
    kit.text(content, kit.say(R.string.dispute_once));
    kit.primary(content, R.id.dispute_confirm, R.string.dispute_confirm);
    cards.disputePageInto(content);
  }

  private void rulesInto(LinearLayout content) {
    kit.title(content, kit.say(R.string.rules_title));
    new RulesCards(kit).into(content);
  }
}
