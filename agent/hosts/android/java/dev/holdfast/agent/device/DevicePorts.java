package dev.holdfast.agent.device;

import android.content.ComponentName;
import android.content.Context;
import android.content.pm.PackageManager;
import dev.holdfast.agent.AdminReceiver;
import dev.holdfast.agent.core.Ports;
import dev.holdfast.agent.keys.KeystoreKey;
import dev.holdfast.agent.net.HttpsPoster;
import dev.holdfast.agent.posture.DeviceControls;
import dev.holdfast.agent.store.OwnersNote;
import dev.holdfast.agent.store.StartsFile;
import dev.holdfast.agent.store.StoredFiles;
import dev.holdfast.agent.store.TwoPlaces;
import java.io.File;

/** What a phone gives the agent. */
public final class DevicePorts {
  private DevicePorts() {}

  public static Ports of(Context app) {
    // Not the usual storage: that one opens only when the phone is first unlocked after a start.
    File folder = app.createDeviceProtectedStorageContext().getFilesDir();
    ComponentName admin = new ComponentName(app, AdminReceiver.class);
    Ports ports = new Ports();
    ports.journal = new SystemLog();
    ports.clock = new SystemTime(app);
    ports.alarms = new SystemAlarms(app, ports.journal);
    ports.files = new StoredFiles(folder, new TwoPlaces(new OwnersNote(app, admin), folder));
    ports.starts = new StartsFile(folder);
    ports.deviceKey = new KeystoreKey(app);
    ports.controls = new DeviceControls(app);
    ports.daemons = PackagedEngine.of(app);
    ports.poster = new HttpsPoster(app);
    ports.notices = new Notifications(app, admin);
    ports.calls = new TelephoneCalls(app);
    ports.awake = new Wakefulness(app);
    ports.delay = new HandlerDelay(ports.awake);
    ports.agentVersion = versionName(app);
    return ports;
  }

  private static String versionName(Context app) {
    try {
      return app.getPackageManager().getPackageInfo(app.getPackageName(), 0).versionName;
    } catch (PackageManager.NameNotFoundException impossible) {
      return "";
    }
  }
}
