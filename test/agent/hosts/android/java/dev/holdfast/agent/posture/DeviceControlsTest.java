package dev.holdfast.agent.posture;

import static org.junit.Assert.assertArrayEquals;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertNull;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;
import static org.robolectric.Shadows.shadowOf;

import android.app.admin.DevicePolicyManager;
import android.app.admin.FactoryResetProtectionPolicy;
import android.content.ComponentName;
import android.content.Context;
import android.content.Intent;
import android.content.IntentFilter;
import android.content.pm.ApplicationInfo;
import android.content.pm.PackageInfo;
import android.content.pm.PackageManager;
import android.os.Build;
import android.os.UserManager;
import android.telecom.TelecomManager;
import android.telephony.SubscriptionInfo;
import android.telephony.SubscriptionManager;
import android.telephony.TelephonyManager;
import dev.holdfast.agent.core.HandsetControls.Facts;
import dev.holdfast.agent.core.Posture;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.Before;
import org.junit.Test;
import org.junit.runner.RunWith;
import org.robolectric.RobolectricTestRunner;
import org.robolectric.RuntimeEnvironment;
import org.robolectric.annotation.Config;
import org.robolectric.shadows.ShadowBuild;
import org.robolectric.shadows.ShadowPackageManager;
import org.robolectric.shadows.ShadowSubscriptionManager.SubscriptionInfoBuilder;
import org.robolectric.shadows.ShadowTelephony.ShadowSms;

/** The real gateway and Android's own classes. */
@RunWith(RobolectricTestRunner.class)
@Config(sdk = {28, 31, 34, 35}, shadows = ShadowPolicy.class)
public class DeviceControlsTest {
  private static final String DIALER = "com.android.dialer";
  private static final String SMS = "com.android.messaging";
  private static final String SETTINGS = "com.android.settings";
  private static final String GALLERY = "com.example.gallery";
  private static final String GAME = "com.example.game";
  private static final String PAY = "example.lender.pay";
  private static final String LAUNCHER = "com.android.launcher3";

  private Context context;
  private DevicePolicyManager policy;
  private UserManager users;
  private ShadowPackageManager packages;
  private ComponentName admin;
  private DeviceControls controls;

  @Before
  public void aPhoneWithAnOwner() {
    ShadowPolicy.reset();
    context = RuntimeEnvironment.getApplication();
    policy = context.getSystemService(DevicePolicyManager.class);
    users = context.getSystemService(UserManager.class);
    packages = shadowOf(context.getPackageManager());
    admin = new ComponentName(context.getPackageName(), "dev.holdfast.agent.AdminReceiver");
    shadowOf(policy).setActiveAdmin(admin);
    shadowOf(policy).setDeviceOwner(admin);
    for (String app : List.of(DIALER, SMS, SETTINGS, GALLERY, GAME, PAY)) {
      install(app, List.of(DIALER, SMS, SETTINGS).contains(app));
      answers(app, Intent.ACTION_MAIN, Intent.CATEGORY_LAUNCHER);
    }
    install("com.android.phone", true);
    install("com.mediatek.cellbroadcastreceiver", true);
    install(LAUNCHER, true);
    answers(LAUNCHER, Intent.ACTION_MAIN, Intent.CATEGORY_HOME);
    answers(GALLERY, Intent.ACTION_MAIN, Intent.CATEGORY_APP_GALLERY);
    answers(SETTINGS, "android.settings.SETTINGS", Intent.CATEGORY_DEFAULT);
    shadowOf(context.getSystemService(TelecomManager.class)).setDefaultDialerPackage(DIALER);
    ShadowSms.setDefaultSmsPackage(SMS);
    ComponentName lockPage = new ComponentName(context.getPackageName(), AndroidPolicyGateway.LOCK_PAGE);
    packages.addActivityIfNotPresent(lockPage);
    filter(lockPage, Intent.ACTION_MAIN, Intent.CATEGORY_HOME);
    controls = new DeviceControls(context);
  }

  private void install(String name, boolean system) {
    PackageInfo info = new PackageInfo();
    info.packageName = name;
    info.applicationInfo = new ApplicationInfo();
    info.applicationInfo.packageName = name;
    info.applicationInfo.flags = ApplicationInfo.FLAG_INSTALLED | (system ? ApplicationInfo.FLAG_SYSTEM : 0);
    packages.installPackage(info);
  }

  private void answers(String name, String action, String category) {
    ComponentName activity = new ComponentName(name, name + "." + category.substring(category.lastIndexOf('.') + 1));
    packages.addActivityIfNotPresent(activity);
    filter(activity, action, category);
  }

  private void filter(ComponentName activity, String action, String category) {
    IntentFilter filter = new IntentFilter(action);
    filter.addCategory(category);
    filter.addCategory(Intent.CATEGORY_DEFAULT);
    packages.addIntentFilterForActivity(activity, filter);
  }

  private List<String> apply(List<String> restricted) {
    return controls.apply(new Posture(1, restricted, List.of(PAY)));
  }

  private void assertPhoneIs(boolean financed, boolean limited, boolean full) throws Exception {
    int api = Build.VERSION.SDK_INT;
    for (String key : List.of("no_factory_reset", "no_safe_boot", "no_debugging_features", "no_add_user", "no_add_managed_profile")) {
      assertEquals(key, financed, users.hasUserRestriction(key));
    }
    assertEquals(financed && api >= 28, users.hasUserRestriction("no_user_switch"));
    assertEquals(financed && api >= 34, users.hasUserRestriction("no_grant_admin"));
    assertEquals(financed && api >= 35, users.hasUserRestriction("no_add_private_profile"));
    assertEquals(financed, policy.isUninstallBlocked(admin, context.getPackageName()));
    assertEquals(financed && api >= 30 ? List.of(context.getPackageName()) : List.of(), ShadowPolicy.userControl);
    assertEquals(limited, policy.getCameraDisabled(admin));
    assertEquals(limited, policy.isPackageSuspended(admin, GALLERY));
    assertEquals(limited, policy.isPackageSuspended(admin, GAME));
    for (String open : List.of(DIALER, SMS, SETTINGS, PAY, LAUNCHER)) assertFalse(open, policy.isPackageSuspended(admin, open));
    assertEquals(full, users.hasUserRestriction("no_outgoing_calls"));
    assertEquals(full, users.hasUserRestriction("no_control_apps"));
    assertEquals(full, ShadowPolicy.statusBarDisabled);
    Set<String> lockTask = new TreeSet<>(Arrays.asList(policy.getLockTaskPackages(admin)));
    Set<String> wanted =
        Set.of(context.getPackageName(), DIALER, SMS, SETTINGS, PAY, "com.android.phone", "com.mediatek.cellbroadcastreceiver");
    assertEquals(full ? wanted : Set.of(), lockTask);
    assertEquals(full, policy.isLockTaskPermitted(context.getPackageName()));
    if (full) assertEquals(32 | 16 | 4 | 1, policy.getLockTaskFeatures(admin));
    Intent home = new Intent(Intent.ACTION_MAIN).addCategory(Intent.CATEGORY_HOME);
    String leadsTo = context.getPackageManager().resolveActivity(home, PackageManager.MATCH_DEFAULT_ONLY).activityInfo.name;
    assertEquals(full, AndroidPolicyGateway.LOCK_PAGE.equals(leadsTo));
    for (String never : List.of("no_config_wifi", "no_config_mobile_networks", "no_sms", "no_config_date_time", "no_config_cell_broadcasts")) {
      assertFalse(never, users.hasUserRestriction(never));
    }
  }

  @Test
  public void everyColumnIsThereWhenAsked() throws Exception {
    assertEquals(List.of(), apply(FakePlatform.FINANCED));
    assertPhoneIs(true, false, false);
    assertEquals(List.of(), apply(FakePlatform.limited()));
    assertPhoneIs(true, true, false);
    assertEquals(List.of(), apply(FakePlatform.full()));
    assertPhoneIs(true, true, true);
    controls = new DeviceControls(context);
    assertEquals("again after a restart of the agent", List.of(), apply(FakePlatform.full()));
    assertPhoneIs(true, true, true);
    assertEquals(List.of(), apply(FakePlatform.FINANCED));
    assertPhoneIs(true, false, false);
    assertEquals(List.of(), apply(List.of()));
    assertPhoneIs(false, false, false);
  }

  @Test
  public void whatThePlatformRefusesIsDriftAndNothingElseIs() {
    record Refusal(String call, int since, List<String> drift) {}
    List<Refusal> refusals =
        List.of(
            new Refusal("setCameraDisabled", 0, List.of("cameraAndGallery")),
            new Refusal("setPackagesSuspended", 0, List.of("cameraAndGallery", "otherApps")),
            new Refusal("setStatusBarDisabled", 0, List.of("statusBar")),
            new Refusal("setLockTaskPackages", 0, List.of("lockTask")),
            new Refusal("setLockTaskFeatures", 28, List.of("lockTask")),
            new Refusal("addPersistentPreferredActivity", 0, List.of("lockTask")),
            new Refusal("setUninstallBlocked", 0, List.of("uninstallAgent")),
            new Refusal("setUserControlDisabledPackages", 30, List.of("uninstallAgent")),
            new Refusal("no_factory_reset", 0, List.of("factoryReset")),
            new Refusal("no_debugging_features", 0, List.of("debugging")),
            new Refusal("no_grant_admin", 34, List.of("addUser")));
    for (Refusal refusal : refusals) {
      if (Build.VERSION.SDK_INT < refusal.since) continue;
      ShadowPolicy.refused.add(refusal.call);
      assertEquals(refusal.call, refusal.drift, apply(FakePlatform.full()));
      assertFalse("a call that fails is no reason to hide", policy.isApplicationHidden(admin, GAME));
      ShadowPolicy.refused.clear();
      assertEquals(refusal.call, List.of(), apply(FakePlatform.full()));
      assertEquals(refusal.call, List.of(), apply(List.of()));
    }
  }

  @Test
  public void thePhoneIsGivenBackWhole() throws Exception {
    apply(FakePlatform.full());
    controls.disclose("Lender", "short", "long", "lock screen");
    assertEquals("lock screen", ShadowPolicy.lockScreenInfo);
    assertEquals("Lender", policy.getOrganizationName(admin));
    if (Build.VERSION.SDK_INT >= 30) {
      ShadowPolicy.resetProtection = new FactoryResetProtectionPolicy.Builder().setFactoryResetProtectionEnabled(true).build();
    }
    ShadowPolicy.userUnlocked = false;
    assertFalse(controls.returnOwnership());
    assertTrue(policy.isDeviceOwnerApp(context.getPackageName()));
    assertPhoneIs(false, false, false);
    ShadowPolicy.userUnlocked = true;
    assertTrue(controls.returnOwnership());
    assertFalse(policy.isDeviceOwnerApp(context.getPackageName()));
    assertNull(ShadowPolicy.resetProtection);
    assertNull(ShadowPolicy.lockScreenInfo);
    assertEquals(Set.of(), ShadowPolicy.ownRestrictions);
    assertTrue("a second time", controls.returnOwnership());
  }

  @Test
  public void theFactsAreThePlatforms() {
    TelephonyManager phone = context.getSystemService(TelephonyManager.class);
    shadowOf(phone).setPhoneCount(2);
    if (Build.VERSION.SDK_INT >= 30) shadowOf(phone).setActiveModemCount(2);
    shadowOf(phone).setImei(0, "490154203237518");
    shadowOf(phone).setImei(1, "356938035643809");
    ShadowBuild.setSerial("R58M12ABCDE");
    Facts facts = controls.facts();
    assertTrue(facts.deviceOwner);
    assertEquals(List.of("490154203237518", "356938035643809"), facts.imeis);
    assertEquals("R58M12ABCDE", facts.serial);
    assertEquals(List.of(1, 2, 4, 5, 6), facts.essentialRoles);
    assertEquals(List.of(DIALER, SMS, SETTINGS, "com.mediatek.cellbroadcastreceiver", "com.android.phone"), facts.essentialPackages);
    assertArrayEquals(new byte[0], facts.simDigest);
    SubscriptionInfo sim = SubscriptionInfoBuilder.newBuilder().setId(3).setIccId("8991000900123456789").buildSubscriptionInfo();
    shadowOf(context.getSystemService(SubscriptionManager.class)).setActiveSubscriptionInfos(sim);
    byte[] digest = controls.facts().simDigest;
    assertEquals(32, digest.length);
    assertArrayEquals("after a restart of the agent", digest, new DeviceControls(context).facts().simDigest);
    shadowOf(phone).setReadPhoneStatePermission(false);
    assertEquals("Android tells no IMEI: none is known", List.of(), controls.facts().imeis);
  }

  @Test
  public void withoutOwnershipThereIsNothingToApply() {
    policy.clearDeviceOwnerApp(context.getPackageName());
    assertThrows(IllegalStateException.class, () -> apply(List.of()));
    assertFalse(controls.facts().deviceOwner);
  }
}
