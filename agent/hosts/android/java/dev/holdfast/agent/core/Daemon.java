package dev.holdfast.agent.core;

/** The agent's one function, agent/daemon/daemon.ts, in whatever engine runs it. One thread at a time. */
public interface Daemon {
  /** What an event made of the phone. */
  final class Handled {
    /** To store before any effect is performed. */
    public final byte[] ledger;

    /** HostEffects. */
    public final byte[] effects;

    public Handled(byte[] ledger, byte[] effects) {
      this.ledger = ledger;
      this.effects = effects;
    }
  }

  /** The engine could not answer: it hung, ran out of memory, or threw. The event has not happened. */
  final class EngineFailed extends Exception {
    private static final long serialVersionUID = 1;

    public EngineFailed(String what) {
      super(what);
    }
  }

  /** Judges one event (HostEvent). */
  Handled handle(byte[] ledger, byte[] event) throws EngineFailed;
}
