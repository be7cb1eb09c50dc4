package dev.holdfast.agent.screens;

import android.os.SystemClock;
import dev.holdfast.agent.core.BorrowerActions;
import dev.holdfast.agent.wire.Message;
import java.io.File;
import java.util.Collections;
import java.util.List;

/**
 * Where the screens find what they show. The process's start installs it before any activity is made; a screen that comes first all
 * the same says that the agent is starting, and still calls for help.
 */
public final class Screens {
  private static final BorrowerActions NOT_STARTED = new NotStarted();

  private static BorrowerActions actions = NOT_STARTED;
  private static long saidAtElapsedMs;

  private static final BorrowerActions.Watcher CLOCK =
      new BorrowerActions.Watcher() {
        @Override
        public void screenChanged() {
          saidAtElapsedMs = SystemClock.elapsedRealtime();
        }
      };

  private Screens() {}

  /** Called on the main thread. */
  public static void install(BorrowerActions installed) {
    actions.unwatch(CLOCK);
    actions = installed;
    saidAtElapsedMs = SystemClock.elapsedRealtime();
    actions.watch(CLOCK);
  }

  /** Never null. */
  public static BorrowerActions actions() {
    return actions;
  }

  /** How long ago the screen was said: the times that are left on it are counted from then. */
  public static long screenAgeMs() {
    return Math.max(0, SystemClock.elapsedRealtime() - saidAtElapsedMs);
  }

  private static final class NotStarted implements BorrowerActions {
    @Override
    public Message screen() {
      return Message.empty();
    }

    @Override
    public List<Message> notices() {
      return Collections.emptyList();
    }

    @Override
    public List<Message> lastDecisions(int most) {
      return Collections.emptyList();
    }

    @Override
    public boolean isBroken() {
      return false;
    }

    @Override
    public void watch(Watcher watcher) {}

    @Override
    public void unwatch(Watcher watcher) {}

    @Override
    public void personPresent(boolean present) {}

    @Override
    public void checkNow() {}

    @Override
    public void enterCode(String code, Answer answer) {
      answer.answered(false, "NOT_STORED");
    }

    @Override
    public void takePass(Answer answer) {
      answer.answered(false, "NOT_STORED");
    }

    @Override
    public void openDispute(Answer answer) {
      answer.answered(false, "NOT_STORED");
    }

    @Override
    public void exportRecord(File into, Answer answer) {
      answer.answered(false, "NOT_STORED");
    }
  }
}
