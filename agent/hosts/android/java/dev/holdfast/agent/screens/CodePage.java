package dev.holdfast.agent.screens;

import android.text.InputFilter;
import android.text.InputType;
import android.util.TypedValue;
import android.view.View;
import android.view.inputmethod.EditorInfo;
import android.widget.EditText;
import android.widget.LinearLayout;
import android.widget.TextView;
import dev.holdfast.agent.R;
import dev.holdfast.agent.wire.Fields;

/**
 * Where a code is typed: the number to read to the lender above, the field below. While the phone waits after wrong codes the field
 * stays, because a release code is read at any time.
 */
final class CodePage {
  /** CodeEntered takes no more. */
  private static final int LONGEST = 32;

  private final Kit kit;
  private final PageState state;

  CodePage(Kit kit, PageState state) {
    this.kit = kit;
    this.state = state;
  }

  void into(LinearLayout content) {
    kit.title(content, kit.say(R.string.code_title));
    kit.answer(content, state.answer);
    String number = state.screen.text(Fields.Screen.REQUEST_NUMBER);
    long wait = state.left(Fields.Screen.CODES_BACK_OFF_SECONDS);
    if (state.screen.flag(Fields.Screen.SIGNED_ONLY)) {
      notice(content, kit.say(R.string.code_signed_only));
    } else if (number.isEmpty()) {
      kit.text(content, kit.say(R.string.code_release_only));
    } else {
      kit.text(content, kit.say(R.string.code_how));
      TextView shown = kit.bigRow(content, R.string.code_request_label, inFours(number));
      shown.setTextDirection(View.TEXT_DIRECTION_LTR);
      shown.setContentDescription(spelled(number));
      if (wait > 0) {
        notice(content, kit.say(R.string.code_wait, kit.figures.time(wait)));
      }
    }
    field(content);
    kit.primary(content, R.id.code_send, R.string.code_send);
  }

  private void notice(LinearLayout content, String text) {
    kit.text(kit.warningCard(content), text);
  }

  private void field(LinearLayout content) {
    TextView label = kit.soft(content, kit.say(R.string.code_field_label));
    // A label without a name gets a new one each time, and no page would read the same as the one before.
    label.setId(R.id.code_label);
    label.setLabelFor(R.id.code_field);
    EditText field = new EditText(kit.context, null, 0);
    field.setId(R.id.code_field);
    field.setText(state.code);
    field.setFilters(new InputFilter[] {new InputFilter.LengthFilter(LONGEST)});
    // Release codes have letters. No suggestions, or the keyboard would remember it.
    field.setInputType(
        InputType.TYPE_CLASS_TEXT
            | InputType.TYPE_TEXT_FLAG_CAP_CHARACTERS
            | InputType.TYPE_TEXT_FLAG_NO_SUGGESTIONS
            | InputType.TYPE_TEXT_VARIATION_VISIBLE_PASSWORD);
    field.setImeOptions(EditorInfo.IME_ACTION_DONE | EditorInfo.IME_FLAG_NO_EXTRACT_UI | EditorInfo.IME_FLAG_NO_PERSONALIZED_LEARNING);
    field.setTextSize(TypedValue.COMPLEX_UNIT_SP, 20);
    field.setTextColor(kit.color(R.color.ink));
    field.setTextDirection(View.TEXT_DIRECTION_LTR);
    field.setBackgroundResource(R.drawable.field);
    field.setTag(R.id.surface, kit.color(R.color.card));
    field.setPaddingRelative(kit.dp(12), kit.dp(10), kit.dp(12), kit.dp(10));
    field.setMinHeight(kit.dp(Kit.TOUCH_DP));
    field.setMinimumHeight(kit.dp(Kit.TOUCH_DP));
    field.setFocusableInTouchMode(true);
    // Wraps at large fonts instead of running out of sight.
    field.setHorizontallyScrolling(false);
    field.setMaxLines(4);
    content.addView(field, kit.spaced(4));
  }

  /** In groups that can be read out in one breath. */
  static String inFours(String digits) {
    StringBuilder grouped = new StringBuilder();
    for (int index = 0; index < digits.length(); index++) {
      grouped.append(index > 0 && index % 4 == 0 ? " " : "").append(digits.charAt(index));
    }
    return grouped.toString();
  }

  /** One digit at a time: TalkBack would say twelve million. */
  static String spelled(String digits) {
    StringBuilder spelled = new StringBuilder();
    for (int index = 0; index < digits.length(); index++) {
      spelled.append(index == 0 ? "" : index % 4 == 0 ? ", " : " ").append(digits.charAt(index));
    }
    return spelled.toString();
  }
}
