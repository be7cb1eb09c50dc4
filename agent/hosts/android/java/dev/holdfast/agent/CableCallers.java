package dev.holdfast.agent;

/** Who may speak over the cable. Apart from Android so that the rule can be tested by itself. */
final class CableCallers {
  /** android.os.Process.SHELL_UID, public only from API 29 on: what {@code adb shell} runs as. */
  static final int SHELL_UID = 2000;

  private CableCallers() {}

  /**
   * The shell and the agent itself. Not root: on a phone that gives adb a root shell nothing the agent says could be believed. Full
   * uids are compared, so the shell of a second user, or an app of another user, is somebody else.
   */
  static boolean mayCall(int callerUid, int ownUid) {
    return callerUid == SHELL_UID || callerUid == ownUid;
  }
}
