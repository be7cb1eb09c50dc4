package dev.holdfast.agent.posture;

import android.accessibilityservice.AccessibilityServiceInfo;
import android.annotation.SuppressLint;
import android.content.ComponentName;
import android.content.Context;
import android.content.Intent;
import android.content.pm.ApplicationInfo;
import android.content.pm.ComponentInfo;
import android.content.pm.PackageManager;
import android.content.pm.ResolveInfo;
import android.os.Build;
import android.os.SystemClock;
import android.provider.Telephony;
import android.telecom.TelecomManager;
import android.telephony.SubscriptionInfo;
import android.telephony.SubscriptionManager;
import android.telephony.TelephonyManager;
import android.view.accessibility.AccessibilityManager;
import android.view.inputmethod.InputMethodInfo;
import android.view.inputmethod.InputMethodManager;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** The real platform: what is only asked. The manifest's queries decide which packages it sees from API 30 on. */
abstract class AndroidHandset implements PolicyGateway {
  /** Before the first unlock Android lists only direct-boot apps by itself; what is taken must not depend on that. */
  private static final int UNLOCKED_OR_NOT = PackageManager.MATCH_DIRECT_BOOT_AWARE | PackageManager.MATCH_DIRECT_BOOT_UNAWARE;

  private static final int SYSTEM_IMAGE = ApplicationInfo.FLAG_SYSTEM | ApplicationInfo.FLAG_UPDATED_SYSTEM_APP;

  protected final PackageManager packages;
  private final Context context;

  AndroidHandset(Context context) {
    this.context = context.getApplicationContext() == null ? context : context.getApplicationContext();
    this.packages = context.getPackageManager();
  }

  @Override
  public int apiLevel() {
    return Build.VERSION.SDK_INT;
  }

  @Override
  public long elapsedMs() {
    return SystemClock.elapsedRealtime();
  }

  @Override
  public String ownPackage() {
    return context.getPackageName();
  }

  @Override
  public Set<String> launchableApps() {
    return present(new Intent(Intent.ACTION_MAIN).addCategory(Intent.CATEGORY_LAUNCHER));
  }

  @Override
  public Set<String> galleryApps() {
    Set<String> galleries = present(new Intent(Intent.ACTION_MAIN).addCategory(Intent.CATEGORY_APP_GALLERY));
    galleries.addAll(present(new Intent(Intent.ACTION_PICK).setType("vnd.android.cursor.dir/image")));
    return galleries;
  }

  /** Hidden apps count as uninstalled to Android; those that are really uninstalled are left out again. */
  private Set<String> present(Intent intent) {
    Set<String> found = new TreeSet<String>();
    int flags = UNLOCKED_OR_NOT | PackageManager.MATCH_UNINSTALLED_PACKAGES;
    for (ResolveInfo each : packages.queryIntentActivities(intent, flags)) {
      ApplicationInfo app = each.activityInfo.applicationInfo;
      boolean installed = app == null || (app.flags & ApplicationInfo.FLAG_INSTALLED) != 0;
      if (installed || isHidden(each.activityInfo.packageName)) {
        found.add(each.activityInfo.packageName);
      }
    }
    return found;
  }

  @Override
  public boolean isInstalled(String packageName) {
    try {
      return (packages.getApplicationInfo(packageName, UNLOCKED_OR_NOT).flags & ApplicationInfo.FLAG_INSTALLED) != 0;
    } catch (PackageManager.NameNotFoundException gone) {
      return false;
    }
  }

  @Override
  public boolean isSystemApp(String packageName) {
    try {
      int flags = packages.getApplicationInfo(packageName, UNLOCKED_OR_NOT | PackageManager.MATCH_UNINSTALLED_PACKAGES).flags;
      return (flags & SYSTEM_IMAGE) != 0;
    } catch (PackageManager.NameNotFoundException gone) {
      return false;
    }
  }

  @Override
  public Set<String> systemActivities(String action) {
    return ofSystemImage(packages.queryIntentActivities(new Intent(action), UNLOCKED_OR_NOT));
  }

  @Override
  public Set<String> systemReceivers(String action) {
    return ofSystemImage(packages.queryBroadcastReceivers(new Intent(action), UNLOCKED_OR_NOT));
  }

  @Override
  public Set<String> systemServices(String action) {
    return ofSystemImage(packages.queryIntentServices(new Intent(action), UNLOCKED_OR_NOT));
  }

  private Set<String> ofSystemImage(List<ResolveInfo> all) {
    Set<String> found = new TreeSet<String>();
    for (ResolveInfo each : all) {
      ComponentInfo component = each.activityInfo != null ? each.activityInfo : each.serviceInfo;
      if (component != null && isSystemApp(component.packageName)) {
        found.add(component.packageName);
      }
    }
    return found;
  }

  @Override
  public Set<String> launchers() {
    Set<String> found = new TreeSet<String>();
    for (ResolveInfo each : packages.queryIntentActivities(home(), UNLOCKED_OR_NOT)) {
      found.add(each.activityInfo.packageName);
    }
    return found;
  }

  /** What HOME leads to; null if that is not decided. */
  protected final ComponentName currentHome() {
    ResolveInfo found = packages.resolveActivity(home(), PackageManager.MATCH_DEFAULT_ONLY);
    return found == null || found.activityInfo == null ? null : new ComponentName(found.activityInfo.packageName, found.activityInfo.name);
  }

  private static Intent home() {
    return new Intent(Intent.ACTION_MAIN).addCategory(Intent.CATEGORY_HOME);
  }

  @Override
  public String defaultDialer() {
    return telecom() == null ? null : telecom().getDefaultDialerPackage();
  }

  @Override
  public String systemDialer() {
    return apiLevel() < 29 || telecom() == null ? null : telecom().getSystemDialerPackage();
  }

  private TelecomManager telecom() {
    return (TelecomManager) context.getSystemService(Context.TELECOM_SERVICE);
  }

  @Override
  public String defaultSmsApp() {
    return Telephony.Sms.getDefaultSmsPackage(context);
  }

  @Override
  public Collection<String> enabledInputMethods() {
    InputMethodManager methods = (InputMethodManager) context.getSystemService(Context.INPUT_METHOD_SERVICE);
    Set<String> found = new TreeSet<String>();
    for (InputMethodInfo each : methods.getEnabledInputMethodList()) {
      found.add(each.getPackageName());
    }
    return found;
  }

  @Override
  public Collection<String> enabledAccessibilityServices() {
    AccessibilityManager manager = (AccessibilityManager) context.getSystemService(Context.ACCESSIBILITY_SERVICE);
    Set<String> found = new TreeSet<String>();
    for (AccessibilityServiceInfo each : manager.getEnabledAccessibilityServiceList(AccessibilityServiceInfo.FEEDBACK_ALL_MASK)) {
      ComponentName service = ComponentName.unflattenFromString(each.getId());
      if (service != null) {
        found.add(service.getPackageName());
      }
    }
    return found;
  }

  @Override
  @SuppressWarnings("deprecation")
  public int modemCount() {
    TelephonyManager phone = phone();
    if (phone == null) {
      return 0;
    }
    return apiLevel() >= 30 ? phone.getSupportedModemCount() : phone.getPhoneCount();
  }

  @Override
  @SuppressLint({"MissingPermission", "HardwareIds"})
  public String imei(int slot) {
    return phone() == null ? null : phone().getImei(slot);
  }

  @Override
  @SuppressLint({"MissingPermission", "HardwareIds"})
  public String serial() {
    return Build.getSerial();
  }

  @Override
  @SuppressLint("MissingPermission")
  public Collection<Integer> subscriptionIds() {
    SubscriptionManager manager = (SubscriptionManager) context.getSystemService(Context.TELEPHONY_SUBSCRIPTION_SERVICE);
    List<Integer> ids = new ArrayList<Integer>();
    List<SubscriptionInfo> active = manager == null ? null : manager.getActiveSubscriptionInfoList();
    if (active != null) {
      for (SubscriptionInfo each : active) {
        ids.add(each.getSubscriptionId());
      }
    }
    return ids;
  }

  private TelephonyManager phone() {
    return (TelephonyManager) context.getSystemService(Context.TELEPHONY_SERVICE);
  }
}
