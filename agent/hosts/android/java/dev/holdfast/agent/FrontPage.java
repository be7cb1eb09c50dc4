package dev.holdfast.agent;

import android.content.Context;
import android.content.Intent;
import android.util.Log;
import dev.holdfast.agent.core.BorrowerActions;
import dev.holdfast.agent.screens.LockActivity;
import dev.holdfast.agent.wire.Fields;

/** Brings the agent's page to the front when a lock begins or rises: whoever holds the phone reads at once what happened and why. */
final class FrontPage implements BorrowerActions.Watcher {
  private static final int UNKNOWN = -1;
  private static final int OPEN = 0;
  private static final int LIMITED = 1;
  private static final int FULL = 2;

  private final Context context;
  private final BorrowerActions borrower;
  private int last = UNKNOWN;

  FrontPage(Context context, BorrowerActions borrower) {
    this.context = context;
    this.borrower = borrower;
  }

  @Override
  public void screenChanged() {
    int now = closed((int) borrower.screen().number(Fields.Screen.KIND));
    // A process that starts anew under a limited lock has said so before.
    boolean rises = last == UNKNOWN ? now == FULL : now > last;
    if (now != UNKNOWN) {
      last = now;
    }
    if (rises) {
      show();
    }
  }

  /** A device owner may start activities from behind. If it is refused, HOME leads there and a notice says it. */
  private void show() {
    try {
      context.startActivity(new Intent(context, LockActivity.class).addFlags(Intent.FLAG_ACTIVITY_NEW_TASK));
    } catch (RuntimeException refused) {
      Log.w("Holdfast", "the page did not come to the front: " + refused.getClass().getSimpleName());
    }
  }

  private static int closed(int kind) {
    switch (kind) {
      case Fields.ScreenKind.SCREEN_KIND_UNSPECIFIED:
        return UNKNOWN;
      case Fields.ScreenKind.SCREEN_KIND_LIMITED:
        return LIMITED;
      case Fields.ScreenKind.SCREEN_KIND_FULL:
        return FULL;
      default:
        return OPEN;
    }
  }
}
