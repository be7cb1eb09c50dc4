package dev.holdfast.agent.device;

import android.app.admin.DevicePolicyManager;
import android.content.Context;
import dev.holdfast.agent.core.Daemon;
import dev.holdfast.agent.core.DaemonSource;
import dev.holdfast.agent.core.HandsetControls;
import dev.holdfast.agent.core.Posture;
import dev.holdfast.agent.engine.Engine;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;

/** The engine and the platform's switches. */
final class Parts {
  private Parts() {}

  static DaemonSource daemons(final Context app) {
    final Engine engine =
        new Engine(
            new Engine.Bundle() {
              @Override
              public byte[] read() throws IOException {
                return readAll(app.getAssets().open("agent.js"));
              }
            });
    return new DaemonSource() {
      @Override
      public Daemon open() {
        return engine;
      }
    };
  }

  private static byte[] readAll(InputStream in) throws IOException {
    try {
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      byte[] buffer = new byte[16 * 1024];
      for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
        out.write(buffer, 0, count);
      }
      return out.toByteArray();
    } finally {
      in.close();
    }
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
