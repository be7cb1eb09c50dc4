package dev.holdfast.agent.device;

import android.app.admin.DevicePolicyManager;
import android.content.Context;
import dev.holdfast.agent.core.Daemon;
import dev.holdfast.agent.core.DaemonSource;
import dev.holdfast.agent.core.HandsetControls;
import dev.holdfast.agent.core.Posture;
import java.util.List;

/** The engine and the platform's switches. */
final class Parts {
  private Parts() {}

  static DaemonSource daemons(Context app) {
    return new DaemonSource() {
      @Override
      public Daemon open() throws Daemon.EngineFailed {
        throw new Daemon.EngineFailed("this build has no engine");
      }
    };
  }

  static HandsetControls controls(final Context app) {
    return new HandsetControls() {
      @Override
      public Facts facts() {
        Facts facts = new Facts();
        DevicePolicyManager policies = (DevicePolicyManager) app.getSystemService(Context.DEVICE_POLICY_SERVICE);
        facts.deviceOwner = policies.isDeviceOwnerApp(app.getPackageName());
        return facts;
      }

      @Override
      public List<String> apply(Posture posture) {
        throw new IllegalStateException("this build has no switches");
      }

      @Override
      public boolean returnOwnership() {
        return false;
      }
    };
  }
}
