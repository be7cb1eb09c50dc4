package dev.holdfast.agent;

import android.content.Context;
import dev.holdfast.agent.core.BorrowerActions;
import dev.holdfast.agent.core.HandsetControls;
import dev.holdfast.agent.screens.Language;
import dev.holdfast.agent.wire.Fields;
import dev.holdfast.agent.wire.Message;

/** Keeps the platform's own pages saying who manages this phone, for as long as somebody does. */
final class OwnersWords implements BorrowerActions.Watcher {
  private final Context context;
  private final BorrowerActions borrower;
  private final HandsetControls controls;
  private String said = "";

  OwnersWords(Context context, BorrowerActions borrower, HandsetControls controls) {
    this.context = context;
    this.borrower = borrower;
    this.controls = controls;
  }

  @Override
  public void screenChanged() {
    Message screen = borrower.screen();
    int kind = (int) screen.number(Fields.Screen.KIND);
    if (kind == Fields.ScreenKind.SCREEN_KIND_UNSPECIFIED) {
      return;
    }
    boolean isOver = kind == Fields.ScreenKind.SCREEN_KIND_UNBOUND || kind == Fields.ScreenKind.SCREEN_KIND_RELEASED;
    String lender = isOver ? "" : screen.text(Fields.Screen.LENDER_NAME);
    String phone = screen.message(Fields.Screen.CONTACT).text(Fields.Contact.SUPPORT_PHONE);
    boolean isFull = kind == Fields.ScreenKind.SCREEN_KIND_FULL;
    String key = lender + "\n" + phone + "\n" + isFull;
    if (key.equals(said)) {
      return;
    }
    said = key;
    if (lender.isEmpty()) {
      controls.disclose("", "", "", "");
      return;
    }
    Context spoken = Language.in(context, screen.texts(Fields.Screen.LANGUAGES));
    controls.disclose(
        lender,
        spoken.getString(R.string.owner_short, lender, phone),
        spoken.getString(R.string.owner_long, lender, phone),
        // Only where it helps whoever stands before a phone that is closed.
        isFull ? lender + " \u00b7 " + phone : "");
  }
}
