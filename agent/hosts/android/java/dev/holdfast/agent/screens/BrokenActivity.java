package dev.holdfast.agent.screens;

import android.app.Activity;
import android.content.Context;
import android.content.Intent;
import android.os.Bundle;
import android.view.View;
import android.widget.Button;
import dev.holdfast.agent.R;

/**
 * The screen of last resort, for when the engine crashes again and again. It knows nothing but what it was started with, so nothing
 * that broke the engine can break it; if even its page cannot be made, one button is left.
 */
public final class BrokenActivity extends Activity implements View.OnClickListener {
  /** The lender's support number, as last known. */
  public static final String EXTRA_SUPPORT_PHONE = "support_phone";

  /** The lender's name, as last known. */
  public static final String EXTRA_LENDER = "lender";

  /** How it is started. Both may be empty. */
  public static Intent intent(Context context, String lender, String supportPhone) {
    return new Intent(context, BrokenActivity.class)
        .putExtra(EXTRA_LENDER, lender)
        .putExtra(EXTRA_SUPPORT_PHONE, supportPhone)
        .addFlags(Intent.FLAG_ACTIVITY_NEW_TASK);
  }

  @Override
  protected void onCreate(Bundle saved) {
    super.onCreate(null);
    try {
      setContentView(BrokenPage.of(new Kit(this, this), extra(EXTRA_LENDER), extra(EXTRA_SUPPORT_PHONE)));
    } catch (RuntimeException evenThat) {
      setContentView(lastButton());
    }
    // Lock task stays as it is: nothing here knows what should hold.
    LockTask.showAboveKeyguard(this, true);
  }

  /** The last posture stays in force without this screen, so back may leave it. */
  @Override
  public void onClick(View pressed) {
    if (pressed.getId() == R.id.support) {
      Screens.actions().callingSupport();
      Phone.dial(this, extra(EXTRA_SUPPORT_PHONE));
    } else if (pressed.getId() == R.id.wifi) {
      Phone.chooseWifi(this);
    } else {
      Phone.callEmergency(this);
    }
  }

  private View lastButton() {
    Button emergency = new Button(this);
    emergency.setId(R.id.emergency);
    emergency.setText(R.string.emergency_call);
    emergency.setOnClickListener(this);
    return emergency;
  }

  private String extra(String name) {
    try {
      String value = getIntent().getStringExtra(name);
      return value == null ? "" : value;
    } catch (RuntimeException unreadable) {
      return "";
    }
  }
}
