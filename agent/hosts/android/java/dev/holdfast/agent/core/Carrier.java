package dev.holdfast.agent.core;

/** Takes a check-in to the lender, elsewhere than on the loop's thread, and comes back with exactly one event: a reply or a failure. */
public interface Carrier {
  void carry(long counter, String url, byte[] envelope);
}
