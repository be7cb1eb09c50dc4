package dev.holdfast.agent;

import android.app.Activity;
import android.os.Bundle;

/** The set-up wizard asks whether the device owner is content with the phone. Nothing is bound yet, so nothing is demanded. */
public final class PolicyComplianceActivity extends Activity {
  @Override
  protected void onCreate(Bundle state) {
    super.onCreate(state);
    AgentApp.host(this).wake(null);
    setResult(RESULT_OK);
    finish();
  }
}
