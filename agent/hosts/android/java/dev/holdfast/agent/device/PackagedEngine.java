package dev.holdfast.agent.device;

import android.content.Context;
import dev.holdfast.agent.core.Daemon;
import dev.holdfast.agent.core.DaemonSource;
import dev.holdfast.agent.engine.Engine;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;

/** The engine, with the bundle that the APK carries. */
final class PackagedEngine {
  private PackagedEngine() {}

  static DaemonSource of(final Context app) {
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
}
