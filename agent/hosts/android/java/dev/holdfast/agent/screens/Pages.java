package dev.holdfast.agent.screens;

import android.app.Activity;
import android.view.View;
import android.view.ViewGroup;
import android.widget.EditText;
import android.widget.ScrollView;
import android.widget.TextView;
import dev.holdfast.agent.R;

/** One page in another's place, without the person losing theirs. */
final class Pages {
  private Pages() {}

  /** Same views, same words. What was typed does not count. */
  static boolean readTheSame(View one, View other) {
    if (one.getClass() != other.getClass() || one.getId() != other.getId() || one.getVisibility() != other.getVisibility()) {
      return false;
    }
    if (one instanceof TextView && !(one instanceof EditText)) {
      return ((TextView) one).getText().toString().contentEquals(((TextView) other).getText());
    }
    if (!(one instanceof ViewGroup)) {
      return true;
    }
    ViewGroup group = (ViewGroup) one;
    ViewGroup others = (ViewGroup) other;
    if (group.getChildCount() != others.getChildCount()) {
      return false;
    }
    for (int index = 0; index < group.getChildCount(); index++) {
      if (!readTheSame(group.getChildAt(index), others.getChildAt(index))) {
        return false;
      }
    }
    return true;
  }

  /** @param isSamePage whether the person is still where they were: then scroll and focus stay as well. */
  static void replace(Activity activity, View before, View made, boolean isSamePage) {
    int focused = before == null || before.findFocus() == null ? View.NO_ID : before.findFocus().getId();
    final int scrolled = before == null ? 0 : before.findViewById(R.id.scroll).getScrollY();
    activity.setContentView(made);
    activity.setTitle(((TextView) made.findViewById(R.id.title)).getText());
    if (before == null || !isSamePage) {
      return;
    }
    View again = focused == View.NO_ID ? null : made.findViewById(focused);
    if (again != null) {
      again.requestFocus();
    }
    final View scroll = made.findViewById(R.id.scroll);
    scroll.post(
        new Runnable() {
          @Override
          public void run() {
            scroll.scrollTo(0, scrolled);
          }
        });
  }

  /** Brings the answer, which is below the title, into sight. */
  static void reveal(View page) {
    final ScrollView scroll = page.findViewById(R.id.scroll);
    scroll.post(
        new Runnable() {
          @Override
          public void run() {
            scroll.smoothScrollTo(0, 0);
          }
        });
  }
}
