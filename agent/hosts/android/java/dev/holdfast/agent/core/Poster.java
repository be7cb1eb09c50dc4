package dev.holdfast.agent.core;

import java.io.IOException;

/** Carries bytes to the lender and brings the answer's. */
public interface Poster {
  /** @throws IOException if there is no network, no answer in time, or an answer other than 200. */
  byte[] post(String url, byte[] body, long deadlineMillis) throws IOException;
}
