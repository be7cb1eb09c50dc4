package dev.holdfast.agent.screens;

import android.graphics.Color;
import android.text.Layout;
import android.view.View;
import android.widget.TextView;
import dev.holdfast.agent.R;
import java.util.ArrayList;
import java.util.List;

/** What would keep somebody from reading or pressing something on a page. */
final class PageFaults {
  private PageFaults() {}

  static List<String> of(View laidOut) {
    List<String> faults = new ArrayList<>();
    for (View view : Canvases.views(laidOut)) {
      if (view instanceof TextView text) {
        cut(text, faults);
        broken(text, faults);
        faint(text, faults);
      }
      if (view.isClickable()) {
        small(view, faults);
      }
      outside(view, faults);
    }
    return faults;
  }

  private static void cut(TextView text, List<String> faults) {
    Layout layout = text.getLayout();
    String said = "\"" + text.getText() + "\"";
    int room = text.getWidth() - text.getCompoundPaddingLeft() - text.getCompoundPaddingRight();
    if (layout.getHeight() > text.getHeight() - text.getCompoundPaddingTop() - text.getCompoundPaddingBottom()) {
      faults.add("cut off below: " + said);
    }
    for (int line = 0; line < layout.getLineCount(); line++) {
      if (layout.getEllipsisCount(line) > 0) {
        faults.add("ellipsized: " + said);
      }
      if (layout.getLineMax(line) > room + 1) {
        faults.add("wider than its place: " + said);
      }
    }
  }

  /** A word or a number that goes on in the next line without a hyphen. Addresses may. */
  private static void broken(TextView text, List<String> faults) {
    String all = text.getText().toString();
    Layout layout = text.getLayout();
    for (int line = 0; line + 1 < layout.getLineCount() && !all.contains("://"); line++) {
      int end = layout.getLineEnd(line);
      boolean inWord = Character.isLetterOrDigit(all.charAt(end - 1)) && Character.isLetterOrDigit(all.charAt(end));
      if (inWord && !isHyphenated(layout, line)) {
        faults.add("a word is broken: " + all.substring(0, end) + "|" + all.substring(end));
      }
    }
  }

  private static boolean isHyphenated(Layout layout, int line) {
    try {
      Object edit = Layout.class.getDeclaredMethod("getEndHyphenEdit", int.class).invoke(layout, line);
      return !Integer.valueOf(0).equals(edit);
    } catch (ReflectiveOperationException none) {
      return false;
    }
  }

  private static void small(View view, List<String> faults) {
    if (view.getWidth() < Kit.TOUCH_DP || view.getHeight() < Kit.TOUCH_DP) {
      faults.add("too small to press: " + view);
    }
    boolean named = view instanceof TextView text && text.getText().length() > 0;
    if (!named && view.getContentDescription() == null && view.getId() != R.id.code_field) {
      faults.add("no label: " + view);
    }
  }

  private static void outside(View view, List<String> faults) {
    View parent = view.getParent() instanceof View above ? above : null;
    if (parent != null && (view.getLeft() < 0 || view.getRight() > parent.getWidth())) {
      faults.add("outside of its parent: " + view);
    }
  }

  private static void faint(TextView text, List<String> faults) {
    View under = text;
    while (under.getTag(R.id.surface) == null) {
      under = (View) under.getParent();
    }
    double contrast = contrast(text.getCurrentTextColor(), (Integer) under.getTag(R.id.surface));
    if (contrast < 4.5) {
      faults.add("contrast of " + contrast + ": \"" + text.getText() + "\"");
    }
  }

  /** WCAG 2.2, contrast ratio. */
  static double contrast(int one, int other) {
    double brighter = Math.max(Color.luminance(one), Color.luminance(other));
    return (brighter + 0.05) / (Math.min(Color.luminance(one), Color.luminance(other)) + 0.05);
  }
}
