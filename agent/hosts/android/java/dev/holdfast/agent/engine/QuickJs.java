package dev.holdfast.agent.engine;

/**
 * The Java face of libholdfast.so: one QuickJS with the agent's bundle in it. Bytes cross, never strings: JNI has its own kind of UTF-8.
 * The native code is the same on Android and on a JVM, so what tests run is what phones run. One thread at a time; whatever throws
 * leaves an engine that is good for nothing but {@link #close}.
 */
final class QuickJs {
  /** The agent takes less than two. Far below what a phone gives one app, so that a runaway ends here and not with the app. */
  private static final long MEMORY_LIMIT = 16L << 20;

  /** Well below the megabyte that Android gives a thread: the Java beneath and a callback on top need theirs. */
  private static final long STACK_LIMIT = 256L << 10;

  static {
    System.loadLibrary("holdfast");
  }

  private long engine;

  /**
   * @throws IllegalStateException without memory.
   */
  QuickJs(PlatformCrypto crypto) {
    engine = create(crypto, MEMORY_LIMIT, STACK_LIMIT);
  }

  /**
   * Runs the agent's bundle and opens the agent, which tries its engine first.
   *
   * @param limitMs computing time after which it is stopped.
   * @throws IllegalStateException with the engine's words.
   */
  void evaluate(byte[] bundle, int limitMs) {
    evaluate(opened(), bundle, limitMs);
  }

  /**
   * Calls the agent.
   *
   * @return ledger and effects.
   * @throws IllegalStateException with the engine's words.
   */
  byte[][] handle(byte[] ledger, byte[] event, int limitMs) {
    if (ledger == null || event == null) {
      throw new NullPointerException();
    }
    return handle(opened(), ledger, event, limitMs);
  }

  /** Bytes in use, after a collection. */
  long heapBytes() {
    return heapBytes(opened());
  }

  void close() {
    long last = engine;
    engine = 0;
    if (last != 0) {
      destroy(last);
    }
  }

  private long opened() {
    if (engine == 0) {
      throw new IllegalStateException("closed");
    }
    return engine;
  }

  private static native long create(PlatformCrypto crypto, long memoryLimit, long stackLimit);

  private static native void evaluate(long engine, byte[] bundle, int limitMs);

  private static native byte[][] handle(long engine, byte[] ledger, byte[] event, int limitMs);

  private static native long heapBytes(long engine);

  private static native void destroy(long engine);
}
