package dev.holdfast.agent.screens;

import android.view.View;
import android.widget.LinearLayout;
import dev.holdfast.agent.R;

/** What is shown when the engine does not run: nothing here needs it. */
final class BrokenPage {
  private BrokenPage() {}

  /** Both may be empty: nobody may know any more. */
  static View of(Kit kit, String lender, String phone) {
    LinearLayout content = kit.content();
    kit.title(content, kit.say(R.string.title_broken));
    kit.answer(content, "");
    kit.text(content, kit.say(R.string.broken_what));
    kit.text(content, kit.say(R.string.broken_do));
    if (!lender.isEmpty()) {
      kit.row(content, R.string.lender_label, lender);
    }
    if (!phone.isEmpty()) {
      kit.primary(content, R.id.support, R.string.support_call);
      kit.address(content, phone);
    }
    kit.secondary(content, R.id.wifi, R.string.wifi);
    return kit.page(content);
  }
}
