package dev.holdfast.agent.posture;

import android.util.Log;

/** Says on the platform's own pages who manages this phone and why. The words come from outside; an empty text takes one back. */
final class Disclosure {
  private final PolicyGateway gateway;

  Disclosure(PolicyGateway gateway) {
    this.gateway = gateway;
  }

  /**
   * @param lender shown in the settings as the organization.
   * @param shortly in the dialog that a restricted setting brings up; Android shows some 200 characters.
   * @param atLength on the page of device admins.
   * @param onLockScreen below the clock.
   */
  void say(String lender, String shortly, String atLength, String onLockScreen) {
    for (int text = 0; text < 4; text++) {
      try {
        say(text, orNothing(text == 0 ? lender : text == 1 ? shortly : text == 2 ? atLength : onLockScreen));
      } catch (RuntimeException refused) {
        Log.w("Holdfast", "could not say who manages this phone: " + refused.getClass().getSimpleName());
      }
    }
  }

  void takeBack() {
    say("", "", "", "");
  }

  private void say(int text, String words) {
    switch (text) {
      case 0:
        gateway.setOrganizationName(words);
        break;
      case 1:
        gateway.setShortSupportMessage(words);
        break;
      case 2:
        gateway.setLongSupportMessage(words);
        break;
      default:
        gateway.setLockScreenInfo(words);
    }
  }

  private static String orNothing(String words) {
    return words == null || words.isEmpty() ? null : words;
  }
}
