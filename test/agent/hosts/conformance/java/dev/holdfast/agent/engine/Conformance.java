package dev.holdfast.agent.engine;

import dev.holdfast.agent.core.Daemon;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.FileInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.security.Provider;
import java.security.Security;
import java.util.Arrays;

/**
 * The Engine class over vectors (vector-file.ts), and PlatformCrypto over the signatures in them. {@code Conformance BUNDLE VECTORS LIMIT_MS
 * [PROVIDER_CLASS]}. Prints lines as harness.c does.
 */
public final class Conformance {
  public static void main(String[] arguments) throws Exception {
    if (arguments.length > 3) {
      // Conscrypt.newProvider() and the like: whatever a phone asks first.
      Provider provider = (Provider) Class.forName(arguments[3]).getDeclaredConstructor().newInstance();
      Security.insertProviderAt(provider, 1);
      System.out.println("provider " + java.security.Signature.getInstance("SHA256withECDSA").getProvider().getName());
    }
    final Path bundle = Paths.get(arguments[0]);
    Engine engine =
        new Engine(
            new Engine.Bundle() {
              @Override
              public byte[] read() throws IOException {
                return Files.readAllBytes(bundle);
              }
            },
            Integer.parseInt(arguments[2]));
    try (DataInputStream vectors = new DataInputStream(new BufferedInputStream(new FileInputStream(arguments[1])))) {
      judge(vectors);
      live(engine, vectors);
    }
  }

  private static void judge(DataInputStream vectors) throws Exception {
    PlatformCrypto crypto = new PlatformCrypto();
    int count = vectors.readInt();
    for (int i = 0; i < count; i++) {
      byte[] publicKey = bytes(vectors);
      byte[] message = bytes(vectors);
      byte[] signature = bytes(vectors);
      boolean good = vectors.readInt() != 0;
      if (crypto.verifyP256(publicKey, message, signature) != good) {
        System.out.println("differs verdict " + i);
      }
    }
    System.out.println("verdicts " + count);
  }

  private static void live(Engine engine, DataInputStream vectors) throws IOException {
    load(engine);
    int calls = vectors.readInt();
    for (int i = 0; i < calls; i++) {
      byte[] ledger = bytes(vectors);
      byte[] event = bytes(vectors);
      byte[] stored = bytes(vectors);
      byte[] effects = bytes(vectors);
      long started = System.nanoTime();
      try {
        Daemon.Handled handled = engine.handle(ledger, event);
        System.out.println("call " + i + " " + (System.nanoTime() - started));
        if (!Arrays.equals(handled.ledger, stored)) {
          System.out.println("differs " + i + " ledger");
        }
        if (!Arrays.equals(handled.effects, effects)) {
          System.out.println("differs " + i + " effects");
        }
      } catch (Daemon.EngineFailed failed) {
        System.out.println("failed " + i + " " + failed.getMessage());
      }
    }
    System.out.println("heap " + engine.heapBytes());
    System.out.println("done " + calls);
  }

  /** Several times: a JVM's first call is mostly the JVM. */
  private static void load(Engine engine) {
    for (int round = 0; round < 7; round++) {
      engine.close();
      long started = System.nanoTime();
      try {
        engine.handle(new byte[0], new byte[0]);
      } catch (Daemon.EngineFailed failed) {
        System.out.println("failed load " + failed.getMessage());
      }
      System.out.println("load " + (System.nanoTime() - started));
    }
  }

  private static byte[] bytes(DataInputStream from) throws IOException {
    byte[] bytes = new byte[from.readInt()];
    from.readFully(bytes);
    return bytes;
  }

  private Conformance() {}
}
