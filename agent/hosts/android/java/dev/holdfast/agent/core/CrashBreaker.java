package dev.holdfast.agent.core;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Notices that the agent goes round in circles. More than {@link #STARTS} starts of the process within a minute, none of which came to
 * the end of an event, are a crash loop: for a minute the engine is left alone, and what was last applied stays. Failures that the
 * process survives are counted too; each makes the next attempt wait longer.
 */
final class CrashBreaker {
  static final int STARTS = 3;
  static final long WINDOW_MILLIS = 60_000;
  private static final long FIRST_RETRY_MILLIS = 60_000;
  private static final long LONGEST_RETRY_MILLIS = 3_600_000;
  private static final int KEPT = 16;

  private final StartLog log;
  private final Clock clock;
  private final Journal journal;
  private boolean isClean;
  private long restsUntilMillis;
  private int failures;

  CrashBreaker(StartLog log, Clock clock, Journal journal) {
    this.log = log;
    this.clock = clock;
    this.journal = journal;
  }

  /** To be called once in each process, before anything of the engine is. */
  void started() {
    long now = clock.elapsedMillis();
    List<StartLog.Start> starts = new ArrayList<StartLog.Start>();
    int recent = 1;
    for (StartLog.Start start : log.read()) {
      // Another boot's are no loop of this one, and a time to come is no time.
      if (start.bootCount != clock.bootCount() || start.elapsedMillis > now) {
        continue;
      }
      starts.add(start);
      recent += now - start.elapsedMillis < WINDOW_MILLIS ? 1 : 0;
    }
    failures = starts.size();
    starts.add(new StartLog.Start(clock.bootCount(), now));
    write(starts.subList(Math.max(0, starts.size() - KEPT), starts.size()));
    if (recent > STARTS) {
      restsUntilMillis = now + WINDOW_MILLIS;
      journal.say("crash loop", recent + " starts");
    }
  }

  /** True while the engine is to be left alone. */
  boolean rests() {
    return clock.elapsedMillis() < restsUntilMillis;
  }

  /** An event came to its end. */
  void completed() {
    failures = 0;
    if (!isClean) {
      isClean = write(new ArrayList<StartLog.Start>());
    }
  }

  /** An event did not come to its end, and the process lives. */
  void failed() {
    failures++;
  }

  /** When it is to be tried again, whoever else asks before. */
  long retryAtMillis() {
    long delay = FIRST_RETRY_MILLIS;
    for (int failure = 1; failure < failures && delay < LONGEST_RETRY_MILLIS; failure++) {
      delay *= 2;
    }
    return Math.max(clock.elapsedMillis() + Math.min(delay, LONGEST_RETRY_MILLIS), restsUntilMillis);
  }

  /** A log that cannot be written counts nothing: then a loop is as it would be without a breaker. */
  private boolean write(List<StartLog.Start> starts) {
    try {
      log.write(starts);
      return true;
    } catch (IOException notWritten) {
      journal.say("starts not written", "");
      return false;
    }
  }
}
