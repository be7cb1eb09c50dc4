package dev.holdfast.agent.core;

import java.util.ArrayList;
import java.util.List;

/**
 * The answer to a cable request goes before the cable does. A posture that comes of such a request and newly restricts debugging is
 * applied at once but for that, and in full a second after the request was served. Nothing is decided here, and nothing is forgotten:
 * the decision is stored, every event states it again, and a process that is killed in that second applies it when it starts. The same
 * as agent/hosts/node/answer-first.ts.
 */
final class AnswerFirst {
  /**
   * How long an answer has from here to the station, in powered-on time: {@code content} prints it and ends, adbd sends it, which takes
   * tenths of a second on a slow phone. The station waits many seconds for the drop, and whoever can use debugging now could just before.
   */
  static final long ANSWER_MILLIS = 1000;

  /** The control that takes the cable: with debugging, Android ends adbd and every byte that is still on its way through it. */
  private static final String TAKES_THE_CABLE = "debugging";

  private static final long NOTHING_WAITS = -1;
  private static final long WHEN_SERVED = Long.MAX_VALUE;

  private boolean isAsked;

  /** The posture that was last applied takes the cable: nobody is answered any more. */
  private boolean isTaken;

  private long dueMillis = NOTHING_WAITS;

  /** A round of events begins. @param asked somebody at the cable waits for what comes of it. */
  void begin(boolean asked) {
    isAsked = asked;
  }

  /** What of a posture may be applied now: the very one, unless it has to wait. */
  Posture now(Posture wanted, long nowMillis) {
    boolean takes = wanted.restricted.contains(TAKES_THE_CABLE);
    // Later requests do not put it off any further.
    if (takes && isAsked && !isTaken && dueMillis == NOTHING_WAITS) {
      dueMillis = WHEN_SERVED;
    }
    if (takes && nowMillis < dueMillis) {
      List<String> others = new ArrayList<String>(wanted.restricted);
      others.remove(TAKES_THE_CABLE);
      return new Posture(wanted.revision, others, wanted.openPackages);
    }
    isTaken = takes;
    dueMillis = NOTHING_WAITS;
    return wanted;
  }

  /** The round is over, and its answer is on its way. */
  void end(long nowMillis) {
    isAsked = false;
    if (dueMillis == WHEN_SERVED) {
      dueMillis = nowMillis + ANSWER_MILLIS;
    }
  }

  /** Until the rest is to be applied; 0 if nothing waits, or if it is overdue: then the next event tries again. */
  long waitMillis(long nowMillis) {
    return Math.max(0, dueMillis - nowMillis);
  }
}
