package dev.holdfast.agent;

import dev.holdfast.agent.core.Daemon;
import java.io.BufferedReader;
import java.io.Closeable;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/** stand-in.ts in a process of Node: the real daemon, and a lender with real keys. */
public final class StandIn implements Daemon, Closeable {
  private final Process process;
  private final Writer ask;
  private final BufferedReader answers;

  public StandIn() {
    File root = new File(System.getProperty("holdfast.host"), "../../..");
    try {
      process =
          new ProcessBuilder("node", "--import", "tsx", "test/agent/hosts/android/stand-in.ts")
              .directory(root.getCanonicalFile())
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .start();
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
    ask = new OutputStreamWriter(process.getOutputStream(), StandardCharsets.US_ASCII);
    answers = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.US_ASCII));
  }

  @Override
  public Handled handle(byte[] ledger, byte[] event) {
    List<byte[]> handled = ask("handle", ledger, event);
    return new Handled(handled.get(0), handled.get(1));
  }

  /** A CableRequest that binds. */
  public byte[] bind() {
    return ask("bind").get(0);
  }

  /** The lender's answer to a check-in. */
  public byte[] reply(byte[] checkIn, long unixSeconds, List<byte[]> orders) {
    List<byte[]> given = new ArrayList<>(List.of(checkIn, text(unixSeconds)));
    given.addAll(orders);
    return ask("reply", given.toArray(new byte[0][])).get(0);
  }

  public byte[] paidUntil(long unixSeconds) {
    return ask("paid", text(unixSeconds)).get(0);
  }

  public byte[] release() {
    return ask("release").get(0);
  }

  public byte[] checkpoint(long through) {
    return ask("checkpoint", text(through)).get(0);
  }

  public synchronized List<byte[]> ask(String word, byte[]... given) {
    StringBuilder line = new StringBuilder(word);
    for (byte[] bytes : given) {
      line.append(' ').append(bytes.length == 0 ? "-" : Base64.getEncoder().encodeToString(bytes));
    }
    try {
      ask.write(line.append('\n').toString());
      ask.flush();
      String answer = answers.readLine();
      if (answer == null) {
        throw new IOException("the stand-in ended at: " + word);
      }
      List<byte[]> bytes = new ArrayList<>();
      for (String one : answer.isEmpty() ? new String[0] : answer.split(" ")) {
        bytes.add("-".equals(one) ? new byte[0] : Base64.getDecoder().decode(one));
      }
      return bytes;
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  public static byte[] text(Object value) {
    return String.valueOf(value).getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public void close() {
    process.destroy();
  }
}
