package dev.holdfast.agent.screens;

import android.widget.LinearLayout;
import dev.holdfast.agent.R;

/** What the phone may do to its borrower and what it never does, straight from the table that the agent goes by. */
final class RulesCards {
  private final Kit kit;

  RulesCards(Kit kit) {
    this.kit = kit;
  }

  void into(LinearLayout content) {
    list(content, R.string.rules_never, PostureTable.NEVER);
    list(content, R.string.rules_financed, PostureTable.UNLOCKED);
    // Empty as the table stands: nothing is taken for being late alone.
    list(content, R.string.rules_grace, PostureTable.GRACE);
    list(content, R.string.rules_limited, PostureTable.LIMITED);
    list(content, R.string.rules_full, PostureTable.FULL);
    LinearLayout card = kit.card(content);
    kit.heading(card, R.string.rules_not_heading);
    kit.text(card, kit.say(R.string.rules_not_wipe));
    kit.text(card, kit.say(R.string.rules_not_read));
    kit.text(card, kit.say(R.string.rules_not_where));
  }

  /** Controls that are first restricted in a column; or, of NEVER, in none. */
  private void list(LinearLayout content, int heading, int column) {
    LinearLayout card = null;
    for (PostureTable row : PostureTable.ROWS) {
      if (row.firstRestricted() != column) {
        continue;
      }
      if (card == null) {
        card = kit.card(content);
        kit.heading(card, heading);
      }
      String label = kit.say(row.label);
      boolean certain = column == PostureTable.NEVER || row.cells[column] == PostureTable.OFF;
      kit.text(card, certain ? label : kit.say(R.string.rules_if_possible, label));
    }
  }
}
