package dev.holdfast.agent.core;

import java.io.IOException;
import java.util.Arrays;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * The running agent: one thread on which every event is handled, and around it the breaker. An engine that fails, or a process that
 * goes round in circles, changes nothing on the phone: what was last applied stays, the screens are told, and it is tried again
 * at the next alarm, boot or request. It never locks, unlocks or wipes for a failure.
 */
public final class AgentHost implements Presence {
  /** Told on the loop's thread, after each event. */
  interface Listener {
    void changed(Shown shown, boolean isBroken);
  }

  private final Ports ports;
  private final ExecutorService thread;
  private final CheckInCarrier carrier;
  private final CrashBreaker breaker;
  private final WakeSchedule schedule;
  private volatile Listener listener;
  private volatile boolean isPersonPresent;

  /** When the way for a call to the support line closes again; 0 if it is not open. */
  private volatile long supportCallOverMillis;

  // Only on the loop's thread.
  private AgentLoop loop;
  private boolean isBroken;
  private byte[] factsKnown = new byte[0];
  private boolean callKnown;
  private boolean owesStarted;
  private Shown shown = Shown.NOTHING;

  /** Time has passed. */
  private final Runnable later =
      new Runnable() {
        @Override
        public void run() {
          tick(null);
        }
      };

  /** @param thread a single thread: all events are handled on it. */
  public AgentHost(Ports ports, ExecutorService thread) {
    this.ports = ports;
    this.thread = thread;
    carrier = new CheckInCarrier(ports, this);
    schedule = new WakeSchedule(ports.alarms, ports.clock);
    breaker = new CrashBreaker(ports.starts, ports.clock, ports.journal);
  }

  /** The platform's switches. */
  public HandsetControls controls() {
    return ports.controls;
  }

  /** To be called once, when the process starts. */
  public void start() {
    submit(
        new Runnable() {
          @Override
          public void run() {
            breaker.started();
            handle(null);
          }
        });
  }

  /** Boot, package replaced, time set, user unlocked: everything is stated and applied again. */
  public void wake(Runnable whenDone) {
    submitThen(
        new Runnable() {
          @Override
          public void run() {
            owesStarted = true;
            handle(null);
          }
        },
        whenDone);
  }

  /** The alarm rang, or time may have passed for any other reason. */
  public void tick(Runnable whenDone) {
    submitThen(
        new Runnable() {
          @Override
          public void run() {
            handle(HostEvents.tick());
          }
        },
        whenDone);
  }

  /**
   * Serves a CableRequest and gives the CableReply. Waits on the caller's thread; an event that takes longer than that may still
   * happen, and the same request again finds what came of it.
   */
  public byte[] cable(final byte[] request, long deadlineMillis) {
    Future<byte[]> reply =
        thread.submit(
            new Callable<byte[]>() {
              @Override
              public byte[] call() {
                AgentLoop.Outcome outcome = handle(HostEvents.cable(request));
                if (outcome == null) {
                  return CableReplies.refused("INTERNAL", "the engine does not run");
                }
                byte[] said = outcome.cableReply;
                return said == null ? CableReplies.refused("INTERNAL", "no reply came of it") : said;
              }
            });
    try {
      return reply.get(deadlineMillis, TimeUnit.MILLISECONDS);
    } catch (TimeoutException late) {
      return CableReplies.refused("INTERNAL", "no reply in time");
    } catch (ExecutionException failed) {
      return CableReplies.refused("INTERNAL", "no reply came of it");
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      return CableReplies.refused("INTERNAL", "interrupted");
    }
  }

  @Override
  public boolean isPersonPresent() {
    return isPersonPresent;
  }

  /** Done at once, on the caller's thread: the telephone app comes next. Afterwards what was restricted is applied again. */
  void letSupportCallThrough() {
    try {
      supportCallOverMillis = ports.clock.elapsedMillis() + HandsetControls.SUPPORT_CALL_MILLIS;
      ports.controls.letSupportCallThrough();
    } catch (RuntimeException failed) {
      ports.journal.say("support call not let through", failed.getClass().getSimpleName());
    }
  }

  void setPersonPresent(boolean present) {
    isPersonPresent = present;
  }

  void listen(Listener told) {
    listener = told;
  }

  /** Runs something on the loop's thread, with the processor kept awake. */
  void submit(final Runnable work) {
    submitThen(work, null);
  }

  private void submitThen(final Runnable work, final Runnable whenDone) {
    ports.awake.begin();
    thread.execute(
        new Runnable() {
          @Override
          public void run() {
            try {
              work.run();
            } finally {
              ports.awake.end();
              if (whenDone != null) {
                whenDone.run();
              }
            }
          }
        });
  }

  /**
   * An event from outside, after what must be known before it: a call that is going on, a start, facts that have changed. On the
   * loop's thread.
   *
   * @param body null if there is nothing but those.
   * @return null if the engine does not run.
   */
  AgentLoop.Outcome handle(final HostEvents.Body body) {
    return attempt(
        new Attempt<AgentLoop.Outcome>() {
          @Override
          public AgentLoop.Outcome make() throws Daemon.EngineFailed {
            return body == null ? new AgentLoop.Outcome() : loop.dispatch(body);
          }
        });
  }

  /** The borrower's file; null if there is none. On the loop's thread. */
  byte[] exportRecord() {
    return attempt(
        new Attempt<byte[]>() {
          @Override
          public byte[] make() throws Daemon.EngineFailed {
            return loop.exportRecord();
          }
        });
  }

  private interface Attempt<T> {
    T make() throws Daemon.EngineFailed;
  }

  private <T> T attempt(Attempt<T> attempt) {
    if (breaker.rests()) {
      broken("at rest after a crash loop");
      return null;
    }
    try {
      boolean isFresh = loop == null;
      long beganMillis = ports.clock.elapsedMillis();
      if (isFresh) {
        open();
      }
      tellBeforehand();
      T made = attempt.make();
      completed();
      if (isFresh) {
        // The engine tries its arithmetic when it opens, and opens at its first call.
        ports.journal.say("self-check passed", (ports.clock.elapsedMillis() - beganMillis) + " ms with what the start led to");
      }
      return made;
    } catch (ThreadDeath death) {
      throw death;
    } catch (Throwable failed) {
      // Whatever it is, a missing library and no more memory among it: the phone stays as it is.
      failed(failed);
    }
    return null;
  }

  private void open() throws Daemon.EngineFailed, IOException {
    loop = new AgentLoop(ports, ports.daemons.open(), carrier, this, schedule);
    factsKnown = new byte[0];
    callKnown = false;
    owesStarted = true;
  }

  /**
   * A call is told before anything that could tighten: nothing is locked while it lasts (F14). The engine takes a start for the end of
   * every call, so a start waits for that.
   */
  private void tellBeforehand() throws Daemon.EngineFailed {
    boolean isCalling = isCalling();
    if (isCalling != callKnown && loop.dispatch(HostEvents.emergencyCall(isCalling)).isStored) {
      callKnown = isCalling;
    }
    if (supportCallOverMillis != 0 && ports.clock.elapsedMillis() >= supportCallOverMillis) {
      supportCallOverMillis = 0;
      owesStarted = true;
    }
    if (owesStarted && !isCalling) {
      owesStarted = !loop.dispatch(HostEvents.started()).isStored;
    }
    if (isCalling) {
      ports.calls.whenOver(later);
    }
    // Device owner may have been given, or taken, and a SIM changed, since the last event.
    HostEvents.Body facts = facts();
    byte[] said = facts == null ? factsKnown : facts.content.toBytes();
    if (!Arrays.equals(said, factsKnown) && loop.dispatch(facts).isStored) {
      factsKnown = said;
    }
  }

  private boolean isCalling() {
    try {
      return ports.calls.mayBeEmergency();
    } catch (RuntimeException failed) {
      ports.journal.say("calls not read", failed.getClass().getSimpleName());
      return false;
    }
  }

  private HostEvents.Body facts() {
    try {
      return HostEvents.facts(ports.controls.facts(), ports.agentVersion);
    } catch (RuntimeException failed) {
      ports.journal.say("facts not read", failed.getClass().getSimpleName());
      return null;
    }
  }

  private void completed() {
    breaker.completed();
    isBroken = false;
    shown = loop.shown();
    long waitMillis = loop.waitMillis();
    if (waitMillis > 0) {
      ports.delay.after(waitMillis, later);
    }
    tell();
  }

  private void failed(Throwable why) {
    breaker.failed();
    // Read and stated anew next time: nobody knows what is left of this round.
    loop = null;
    broken(why.getClass().getSimpleName() + ": " + why.getMessage());
  }

  private void broken(String why) {
    ports.journal.say("engine does not run", why);
    isBroken = true;
    try {
      schedule.callAt(breaker.retryAtMillis());
    } catch (RuntimeException failed) {
      ports.journal.say("alarm not set", failed.getClass().getSimpleName());
    }
    tell();
  }

  private void tell() {
    Listener told = listener;
    if (told != null) {
      told.changed(shown, isBroken);
    }
  }
}
