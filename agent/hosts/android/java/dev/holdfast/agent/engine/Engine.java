package dev.holdfast.agent.engine;

import dev.holdfast.agent.core.Daemon;
import java.io.IOException;

/**
 * The agent in QuickJS. The engine is opened when it is first needed, and again after each failure: the agent has no memory of its own,
 * so nothing is lost with it.
 */
public final class Engine implements Daemon {
  /** Where the bundle comes from: assets/agent.js of the APK. */
  public interface Bundle {
    byte[] read() throws IOException;
  }

  /** Computing time for one call, in milliseconds. A slow phone takes some hundred; past this nothing will come any more. */
  private static final int LIMIT_MS = 5000;

  private static final byte[] NOTHING = new byte[0];

  private final Bundle bundle;
  private final int limitMs;
  private final PlatformCrypto crypto = new PlatformCrypto();
  private QuickJs engine;

  public Engine(Bundle bundle) {
    this(bundle, LIMIT_MS);
  }

  Engine(Bundle bundle, int limitMs) {
    this.bundle = bundle;
    this.limitMs = limitMs;
  }

  @Override
  public synchronized Handled handle(byte[] ledger, byte[] event) throws EngineFailed {
    try {
      if (engine == null) {
        engine = open();
      }
      byte[][] handled = engine.handle(ledger, event, limitMs);
      return new Handled(handled[0], handled[1]);
    } catch (RuntimeException failure) {
      throw failed(failure);
    } catch (LinkageError failure) {
      throw failed(failure); // no library for this processor, or one that does not fit
    } catch (OutOfMemoryError failure) {
      throw failed(failure);
    } catch (IOException failure) {
      throw failed(failure);
    }
  }

  /** Bytes that the engine holds, after a collection; 0 if it is not open. */
  public synchronized long heapBytes() {
    return engine == null ? 0 : engine.heapBytes();
  }

  /** Gives the engine's memory back. The next event opens it again. */
  public synchronized void close() {
    if (engine != null) {
      engine.close();
      engine = null;
    }
  }

  /** The bundle tries the engine's arithmetic by itself; here is seen that it answers at all, and leaves a ledger alone. */
  private QuickJs open() throws IOException {
    byte[] source = bundle.read();
    QuickJs opened = new QuickJs(crypto);
    boolean sound = false;
    try {
      opened.evaluate(source, limitMs);
      byte[][] answer = opened.handle(NOTHING, NOTHING, limitMs);
      if (answer[0].length != 0 || answer[1].length == 0) {
        throw new IllegalStateException("the agent does not answer as it should");
      }
      sound = true;
      return opened;
    } finally {
      if (!sound) {
        opened.close();
      }
    }
  }

  private EngineFailed failed(Throwable why) {
    close();
    String words = why.getMessage();
    EngineFailed failed = new EngineFailed(words == null ? why.getClass().getSimpleName() : words);
    failed.initCause(why);
    return failed;
  }
}
