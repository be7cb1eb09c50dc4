package dev.holdfast.agent.posture;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Apps that the agent suspended, or hid where suspending was refused. It writes down what it is about to take before it takes it, and
 * forgets what it gave back after it gave it back: whatever moment the phone dies in, the note names at least everything that is held.
 * An app that was suspended by somebody else before is not taken and so never given back.
 */
final class HeldApps {
  private final PolicyGateway gateway;
  private final HeldAppsFile file;

  HeldApps(PolicyGateway gateway, HeldAppsFile file) {
    this.gateway = gateway;
    this.file = file;
  }

  /** Holds these apps and no others. */
  void bring(Set<String> wanted) {
    HeldAppsFile.Note note = file.read();
    giveBack(note, without(note.suspended, wanted), without(note.hidden, wanted));
    take(note, wanted);
  }

  /** Gives these apps back, if they are held. */
  void letGo(Set<String> apps) {
    HeldAppsFile.Note note = file.read();
    giveBack(note, within(note.suspended, apps), within(note.hidden, apps));
  }

  boolean isEmpty() {
    HeldAppsFile.Note note = file.read();
    return !note.lost && note.suspended.isEmpty() && note.hidden.isEmpty();
  }

  /** As far as the note can be read. */
  Set<String> all() {
    HeldAppsFile.Note note = file.read();
    Set<String> all = new TreeSet<String>(note.suspended);
    all.addAll(note.hidden);
    return all;
  }

  /** The note cannot be read: what is held is not known until it was all given back. */
  boolean isLost() {
    return file.read().lost;
  }

  private void giveBack(HeldAppsFile.Note note, Set<String> suspended, Set<String> hidden) {
    if (note.lost) {
      // The note cannot be read. What a device owner suspended only it can give back, so everything suspended is taken for ours:
      // too much is better than an app lost for ever. Android keeps apart what others suspended (API 29).
      for (String app : gateway.launchableApps()) {
        if (gateway.isSuspended(app)) {
          suspended.add(app);
        }
        if (gateway.isHidden(app)) {
          hidden.add(app);
        }
      }
      note.suspended.addAll(suspended);
      note.hidden.addAll(hidden);
      note.lost = false;
    } else if (suspended.isEmpty() && hidden.isEmpty()) {
      return;
    }
    Answer answer = suspend(suspended, false);
    for (String app : suspended) {
      if (answer.done(app) || isGone(app)) {
        note.suspended.remove(app);
      }
    }
    for (String app : hidden) {
      if (unhide(app)) {
        note.hidden.remove(app);
      }
    }
    write(note);
  }

  private void take(HeldAppsFile.Note note, Set<String> wanted) {
    Set<String> toSuspend = new TreeSet<String>();
    for (String app : wanted) {
      if (!gateway.isSuspended(app) && !gateway.isHidden(app)) {
        toSuspend.add(app);
      }
    }
    if (toSuspend.isEmpty()) {
      return;
    }
    note.suspended.addAll(toSuspend);
    write(note);
    List<String> toHide = new ArrayList<String>();
    Answer answer = suspend(toSuspend, true);
    for (String app : toSuspend) {
      if (!answer.refused.contains(app)) {
        // Done, or not known: what may be held stays in the note.
        continue;
      }
      note.suspended.remove(app);
      // A hidden system app would be missed by other parts of the system.
      if (!gateway.isSystemApp(app)) {
        toHide.add(app);
      }
    }
    note.hidden.addAll(toHide);
    write(note);
    for (String app : toHide) {
      hide(app);
    }
  }

  /** What became of a call for many apps. */
  private static final class Answer {
    /** The platform said no: for these there is only hiding. */
    final Set<String> refused = new HashSet<String>();

    /** The call failed: nothing is known. */
    final Set<String> failed = new HashSet<String>();

    boolean done(String app) {
      return !refused.contains(app) && !failed.contains(app);
    }
  }

  /** All at once; one by one if that fails altogether, so that one app's failure is not everybody's. */
  private Answer suspend(Set<String> apps, boolean suspended) {
    Answer answer = new Answer();
    if (apps.isEmpty()) {
      return answer;
    }
    try {
      answer.refused.addAll(gateway.setSuspended(apps, suspended));
    } catch (RuntimeException altogether) {
      for (String app : apps) {
        try {
          answer.refused.addAll(gateway.setSuspended(Collections.singleton(app), suspended));
        } catch (RuntimeException alone) {
          answer.failed.add(app);
        }
      }
    }
    return answer;
  }

  /** Read back by whoever asks; an app that could not be hidden stays in the note until it is let go. */
  private void hide(String app) {
    try {
      gateway.setHidden(app, true);
    } catch (RuntimeException refused) {
      return;
    }
  }

  private boolean unhide(String app) {
    try {
      gateway.setHidden(app, false);
      return !gateway.isHidden(app);
    } catch (RuntimeException refused) {
      return false;
    }
  }

  private boolean isGone(String app) {
    try {
      return !gateway.isInstalled(app);
    } catch (RuntimeException unknown) {
      return false;
    }
  }

  private void write(HeldAppsFile.Note note) {
    try {
      file.write(note);
    } catch (IOException full) {
      throw new IllegalStateException("the note of held apps could not be written", full);
    }
  }

  private static Set<String> without(Set<String> all, Set<String> some) {
    Set<String> rest = new TreeSet<String>(all);
    rest.removeAll(some);
    return rest;
  }

  private static Set<String> within(Set<String> all, Set<String> some) {
    Set<String> both = new TreeSet<String>(all);
    both.retainAll(some);
    return both;
  }
}
