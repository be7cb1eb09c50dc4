package dev.holdfast.agent.core;

import java.io.IOException;
import java.util.List;

/** Starts of the process since an event was last completed: what tells a crash loop, as the process that crashed cannot. */
public interface StartLog {
  /** One start. */
  final class Start {
    public final long bootCount;
    public final long elapsedMillis;

    public Start(long bootCount, long elapsedMillis) {
      this.bootCount = bootCount;
      this.elapsedMillis = elapsedMillis;
    }
  }

  /** The starts that are kept, the latest last. */
  List<Start> read();

  void write(List<Start> starts) throws IOException;
}
