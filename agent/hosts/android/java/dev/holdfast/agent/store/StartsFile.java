package dev.holdfast.agent.store;

import dev.holdfast.agent.core.StartLog;
import java.io.DataInputStream;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.File;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** starts.bin: two numbers for each start. */
public final class StartsFile implements StartLog {
  private final File file;

  public StartsFile(File folder) {
    file = new File(folder, "starts.bin");
  }

  @Override
  public List<Start> read() {
    List<Start> starts = new ArrayList<Start>();
    try {
      DataInputStream in = new DataInputStream(new ByteArrayInputStream(AtomicFile.read(file)));
      while (in.available() >= 16) {
        long bootCount = in.readLong();
        starts.add(new Start(bootCount, in.readLong()));
      }
    } catch (IOException unreadable) {
      starts.clear();
    }
    return starts;
  }

  @Override
  public void write(List<Start> starts) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    for (Start start : starts) {
      out.writeLong(start.bootCount);
      out.writeLong(start.elapsedMillis);
    }
    AtomicFile.replace(file, bytes.toByteArray());
  }
}
