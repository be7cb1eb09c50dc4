package dev.holdfast.agent;

import android.app.Application;
import android.app.admin.DevicePolicyManager;
import android.content.Context;
import dev.holdfast.agent.core.HandsetControls;
import dev.holdfast.agent.core.Ports;
import dev.holdfast.agent.core.Posture;
import dev.holdfast.agent.device.DevicePorts;
import dev.holdfast.agent.engine.Engine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The agent as the APK has it, but for the platform's switches, the bundle's place and the network. */
public final class TestApp extends AgentApp {
  static StandIn lender;
  static boolean isNetworkUp = true;
  static boolean hasEngine = true;

  /** The platform's own switches, instead of a list of what was asked. */
  static boolean hasSwitches;

  /** What the lender's next answer brings. */
  static final List<byte[]> ORDERS = new ArrayList<>();

  /** What was applied, over restarts of the process. */
  static final List<List<String>> POSTURES = new ArrayList<>();

  static long unixSeconds = 1_780_315_200L;

  static void reset() {
    POSTURES.clear();
    isNetworkUp = true;
    hasEngine = true;
    hasSwitches = false;
    ORDERS.clear();
    unixSeconds = 1_780_315_200L;
    FakeKeystore.install();
  }

  /** The process dies and starts again: another app object over the same storage. */
  static TestApp restarted(Application before) {
    TestApp app = new TestApp();
    app.attachBaseContext(before.getBaseContext());
    return app;
  }

  @Override
  public Context getApplicationContext() {
    return this;
  }

  @Override
  Ports ports() {
    Ports ports = DevicePorts.of(this);
    if (!hasSwitches) {
      ports.controls = new Switches();
    }
    if (hasEngine) {
      Engine engine = new Engine(() -> Files.readAllBytes(Path.of(System.getProperty("holdfast.bundle"))));
      ports.daemons = () -> engine;
    }
    ports.poster =
        (url, body, deadline) -> {
          if (!isNetworkUp || lender == null) {
            throw new IOException("no network");
          }
          List<byte[]> orders = List.copyOf(ORDERS);
          ORDERS.clear();
          return lender.reply(body, unixSeconds, orders);
        };
    return ports;
  }

  private final class Switches implements HandsetControls {
    @Override
    public Facts facts() {
      DevicePolicyManager policies = (DevicePolicyManager) getSystemService(Context.DEVICE_POLICY_SERVICE);
      Facts facts = new Facts();
      facts.imeis = List.of("866907051234564", "866907051234648");
      facts.serial = "SERIAL1";
      facts.deviceOwner = policies.isDeviceOwnerApp(getPackageName());
      return facts;
    }

    @Override
    public List<String> apply(Posture posture) {
      POSTURES.add(posture.restricted);
      return List.of();
    }

    @Override
    public boolean returnOwnership() {
      return true;
    }
  }
}
