package dev.holdfast.agent.screens;

import android.app.Activity;
import android.content.Intent;
import android.net.Uri;
import android.os.Build;
import android.provider.Settings;

/** Ways out of a page that the borrower always has. Each says whether there was anything to open. */
final class Phone {
  /** AOSP packages/services/Telephony, EmergencyDialer: dials emergency numbers alone, on a locked phone too. */
  static final String EMERGENCY_DIALER = "com.android.phone.EmergencyDialer.DIAL";

  private Phone() {}

  /** The emergency dialer, or the ordinary one where there is none. */
  static boolean callEmergency(Activity from) {
    Intent emergency =
        new Intent(EMERGENCY_DIALER).setFlags(Intent.FLAG_ACTIVITY_NEW_TASK | Intent.FLAG_ACTIVITY_EXCLUDE_FROM_RECENTS);
    return open(from, emergency) || open(from, new Intent(Intent.ACTION_DIAL));
  }

  /** Shows the number in the dialer; the borrower presses call. */
  static boolean dial(Activity from, String number) {
    return open(from, new Intent(Intent.ACTION_DIAL, Uri.fromParts("tel", number, null)));
  }

  static boolean browse(Activity from, String url) {
    return isPage(url) && open(from, new Intent(Intent.ACTION_VIEW, Uri.parse(url)).addCategory(Intent.CATEGORY_BROWSABLE));
  }

  /** Terms say https; nothing else is opened, whatever they say. */
  static boolean isPage(String url) {
    return url.startsWith("https://");
  }

  static boolean chooseWifi(Activity from) {
    if (Build.VERSION.SDK_INT >= 29 && open(from, new Intent(Settings.Panel.ACTION_WIFI))) {
      return true;
    }
    return open(from, new Intent(Settings.ACTION_WIFI_SETTINGS));
  }

  private static boolean open(Activity from, Intent intent) {
    try {
      from.startActivity(intent);
      return true;
    } catch (RuntimeException nothingOpensIt) {
      return false;
    }
  }
}
