package dev.holdfast.agent.screens;

import android.content.Context;
import android.content.res.Resources;
import android.graphics.Typeface;
import android.os.Build;
import android.text.Layout;
import android.text.SpannableString;
import android.text.Spanned;
import android.text.style.TtsSpan;
import android.util.TypedValue;
import android.view.Gravity;
import android.view.View;
import android.view.ViewGroup;
import android.widget.Button;
import android.widget.LinearLayout;
import android.widget.ScrollView;
import android.widget.TextView;
import dev.holdfast.agent.R;

/**
 * The few kinds of views that every page is made of. All of them grow with the font, wrap instead of cutting, mirror in right-to-left
 * languages, and say to TalkBack what they are. One listener gets all presses and tells them apart by the view's id.
 */
final class Kit {
  static final int TOUCH_DP = 48;

  final Context context;
  final Figures figures;
  private final View.OnClickListener presses;

  Kit(Context context, View.OnClickListener presses) {
    this.context = context;
    this.figures = new Figures(context);
    this.presses = presses;
  }

  String say(int text, Object... arguments) {
    return context.getString(text, arguments);
  }

  /**
   * A page: what scrolls, and below it, always visible, the emergency call. TalkBack and the keyboard meet the call right after the
   * title, wherever it stands.
   */
  View page(LinearLayout content) {
    ScrollView scroll = new ScrollView(context);
    scroll.setId(R.id.scroll);
    scroll.setFillViewport(true);
    scroll.setFocusable(false);
    scroll.addView(content, new ViewGroup.LayoutParams(ViewGroup.LayoutParams.MATCH_PARENT, ViewGroup.LayoutParams.WRAP_CONTENT));

    LinearLayout bar = new LinearLayout(context);
    bar.setPaddingRelative(dp(16), dp(8), dp(16), dp(8));
    bar.setBackgroundColor(color(R.color.bar));
    bar.setTag(R.id.surface, color(R.color.bar));
    Button emergency = button(R.id.emergency, R.string.emergency_call, R.drawable.button_emergency, R.color.on_emergency);
    emergency.setFocusedByDefault(true);
    emergency.setAccessibilityTraversalAfter(R.id.title);
    bar.addView(emergency, new LinearLayout.LayoutParams(0, ViewGroup.LayoutParams.WRAP_CONTENT, 1));

    LinearLayout root = new LinearLayout(context);
    root.setId(R.id.page);
    root.setOrientation(LinearLayout.VERTICAL);
    root.setFitsSystemWindows(true);
    root.setBackgroundColor(color(R.color.page));
    root.setTag(R.id.surface, color(R.color.page));
    root.addView(scroll, new LinearLayout.LayoutParams(ViewGroup.LayoutParams.MATCH_PARENT, 0, 1));
    root.addView(bar, new LinearLayout.LayoutParams(ViewGroup.LayoutParams.MATCH_PARENT, ViewGroup.LayoutParams.WRAP_CONTENT));
    orderFocus(content, emergency);
    return root;
  }

  /** Emergency call first, then the page from above. */
  private static void orderFocus(ViewGroup content, View emergency) {
    View first = firstFocusable(content);
    if (first == null) {
      return;
    }
    emergency.setNextFocusForwardId(first.getId());
    emergency.setNextFocusDownId(first.getId());
    first.setAccessibilityTraversalAfter(R.id.emergency);
  }

  private static View firstFocusable(ViewGroup group) {
    for (int index = 0; index < group.getChildCount(); index++) {
      View child = group.getChildAt(index);
      View found = child instanceof ViewGroup ? firstFocusable((ViewGroup) child) : child.isFocusable() ? child : null;
      if (found != null) {
        return found;
      }
    }
    return null;
  }

  LinearLayout content() {
    LinearLayout content = new LinearLayout(context);
    content.setOrientation(LinearLayout.VERTICAL);
    content.setPaddingRelative(dp(16), dp(16), dp(16), dp(16));
    return content;
  }

  LinearLayout card(ViewGroup into) {
    return card(into, R.drawable.card, R.color.card);
  }

  LinearLayout warningCard(ViewGroup into) {
    return card(into, R.drawable.card_warning, R.color.warning);
  }

  private LinearLayout card(ViewGroup into, int background, int surface) {
    LinearLayout card = new LinearLayout(context);
    card.setOrientation(LinearLayout.VERTICAL);
    card.setBackgroundResource(background);
    card.setTag(R.id.surface, color(surface));
    card.setPaddingRelative(dp(16), dp(4), dp(16), dp(16));
    into.addView(card, spaced(12));
    return card;
  }

  TextView title(ViewGroup into, CharSequence text) {
    TextView title = heading(into, text, 24);
    title.setId(R.id.title);
    return title;
  }

  TextView heading(ViewGroup into, int text) {
    return heading(into, say(text), 18);
  }

  private TextView heading(ViewGroup into, CharSequence text, int sp) {
    TextView heading = text(into, text, sp, R.color.ink);
    heading.setTypeface(Typeface.DEFAULT, Typeface.BOLD);
    if (Build.VERSION.SDK_INT >= 28) {
      heading.setAccessibilityHeading(true);
    }
    return heading;
  }

  TextView text(ViewGroup into, CharSequence text) {
    return text(into, text, 16, R.color.ink);
  }

  /** A label and what it labels, read as one. */
  TextView row(ViewGroup into, int label, CharSequence value) {
    return row(into, label, value, 16);
  }

  /** A row whose value is what the page is about: an amount, a number to read out. */
  TextView bigRow(ViewGroup into, int label, CharSequence value) {
    // May wrap between currency and number, at the biggest font; never inside a number.
    TextView big = row(into, label, value.toString().replace('\u00a0', ' '), 26);
    big.setTypeface(Typeface.DEFAULT, Typeface.BOLD);
    return big;
  }

  private TextView row(ViewGroup into, int label, CharSequence value, int sp) {
    LinearLayout row = new LinearLayout(context);
    row.setOrientation(LinearLayout.VERTICAL);
    if (Build.VERSION.SDK_INT >= 28) {
      row.setScreenReaderFocusable(true);
    }
    text(row, say(label), 14, R.color.ink_soft);
    TextView shown = text(row, value, sp, R.color.ink);
    ((LinearLayout.LayoutParams) shown.getLayoutParams()).topMargin = 0;
    into.addView(row);
    return shown;
  }

  /** Small and grey: an address, a date above an entry. */
  TextView soft(ViewGroup into, CharSequence text) {
    return text(into, text, 14, R.color.ink_soft);
  }

  /** A number or an address: read from the left in every language, and a telephone number aloud as one. */
  void address(ViewGroup into, String address) {
    SpannableString spoken = new SpannableString(address);
    if (address.startsWith("+")) {
      spoken.setSpan(new TtsSpan.TelephoneBuilder(address).build(), 0, address.length(), Spanned.SPAN_EXCLUSIVE_EXCLUSIVE);
    }
    soft(into, spoken).setTextDirection(View.TEXT_DIRECTION_LTR);
  }

  /** Says what became of a press; TalkBack reads it when it changes. Gone while there is nothing to say. */
  TextView answer(ViewGroup into, CharSequence text) {
    TextView answer = text(into, text, 16, R.color.ink);
    answer.setId(R.id.answer);
    answer.setBackgroundResource(R.drawable.card_warning);
    answer.setTag(R.id.surface, color(R.color.warning));
    answer.setPaddingRelative(dp(16), dp(12), dp(16), dp(12));
    answer.setAccessibilityLiveRegion(View.ACCESSIBILITY_LIVE_REGION_POLITE);
    answer.setVisibility(text.length() == 0 ? View.GONE : View.VISIBLE);
    return answer;
  }

  Button primary(ViewGroup into, int id, int label) {
    return added(into, button(id, label, R.drawable.button_primary, R.color.on_accent));
  }

  Button secondary(ViewGroup into, int id, int label) {
    Button button = button(id, label, R.drawable.button_secondary, R.color.accent);
    // What it stands on shows through.
    button.setTag(R.id.surface, null);
    return added(into, button);
  }

  private Button added(ViewGroup into, Button button) {
    into.addView(button, spaced(12));
    return button;
  }

  private Button button(int id, int label, int background, int ink) {
    Button button = new Button(context, null, 0);
    button.setId(id);
    button.setText(label);
    button.setAllCaps(false);
    button.setGravity(Gravity.CENTER);
    button.setTextSize(TypedValue.COMPLEX_UNIT_SP, 16);
    button.setTypeface(Typeface.DEFAULT, Typeface.BOLD);
    button.setTextColor(color(ink));
    button.setBackgroundResource(background);
    button.setTag(R.id.surface, color(background == R.drawable.button_emergency ? R.color.emergency : R.color.accent));
    button.setMinHeight(dp(TOUCH_DP));
    button.setMinimumHeight(dp(TOUCH_DP));
    button.setMinWidth(dp(TOUCH_DP));
    button.setPaddingRelative(dp(16), dp(10), dp(16), dp(10));
    button.setFocusable(true);
    button.setClickable(true);
    button.setOnClickListener(presses);
    return button;
  }

  private TextView text(ViewGroup into, CharSequence text, int sp, int ink) {
    TextView view = new TextView(context);
    view.setText(text);
    view.setTextSize(TypedValue.COMPLEX_UNIT_PX, px(sp));
    view.setTextColor(color(ink));
    view.setTextAlignment(View.TEXT_ALIGNMENT_VIEW_START);
    view.setHyphenationFrequency(Layout.HYPHENATION_FREQUENCY_NORMAL);
    into.addView(view, spaced(10));
    return view;
  }

  /**
   * What is big already grows less than the rest, as Android itself does it from 14 on: at 200 % an amount would no longer fit in a
   * line of a small phone. It stays bigger than the text around it.
   */
  private float px(int sp) {
    float px = TypedValue.applyDimension(TypedValue.COMPLEX_UNIT_SP, sp, context.getResources().getDisplayMetrics());
    return sp <= 18 ? px : Math.min(px, dp(sp) * 1.4f);
  }

  /** As wide as there is, so far below the one before. */
  LinearLayout.LayoutParams spaced(int dp) {
    LinearLayout.LayoutParams params =
        new LinearLayout.LayoutParams(ViewGroup.LayoutParams.MATCH_PARENT, ViewGroup.LayoutParams.WRAP_CONTENT);
    params.topMargin = dp(dp);
    return params;
  }

  int dp(int dp) {
    Resources resources = context.getResources();
    return Math.round(dp * resources.getDisplayMetrics().density);
  }

  int color(int id) {
    return context.getColor(id);
  }
}
