package dev.holdfast.agent.engine;

import static org.junit.Assert.assertArrayEquals;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;
import static org.junit.Assert.fail;

import dev.holdfast.agent.core.Daemon;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import org.junit.Test;

/** The class that phones run, on a JVM. What it answers is compared in test/agent/hosts/conformance; here is how it fails. */
public class EngineTest {
  private static final byte[] NOTHING = new byte[0];
  private static final byte[] SOMETHING = {9};

  private int reads;

  /** A bundle that passes the first look, and then does this. */
  private Engine engineThat(String does) {
    String text =
        "globalThis.holdfast={open:()=>({handle(ledger,event){if(event.length===0)"
            + "return{ledger:event,effects:new Uint8Array(1)};"
            + does
            + "}})}";
    return engineOf(text.getBytes(StandardCharsets.UTF_8));
  }

  private Engine engineOf(byte[] bundle) {
    return new Engine(
        new Engine.Bundle() {
          @Override
          public byte[] read() {
            reads++;
            return bundle;
          }
        },
        300);
  }

  private static String failureOf(Engine engine) {
    try {
      engine.handle(NOTHING, SOMETHING);
    } catch (Daemon.EngineFailed failed) {
      return failed.getMessage();
    }
    fail("it answered");
    return "";
  }

  @Test
  public void answersWithTheAgentOfTheBundle() throws Exception {
    Path bundle = Paths.get(System.getProperty("holdfast.bundle"));
    Engine engine = engineOf(Files.readAllBytes(bundle));
    Daemon.Handled handled = engine.handle(SOMETHING, SOMETHING);
    assertArrayEquals(SOMETHING, handled.ledger);
    assertTrue(handled.effects.length > 0);
    assertTrue(engine.heapBytes() < 2 << 20);
    engine.close();
    assertEquals(0, engine.heapBytes());
  }

  @Test
  public void opensAgainAfterEachFailure() throws Exception {
    Engine engine = engineThat("if(event[0]===9)for(;;);return{ledger,effects:event}");
    assertEquals("out of time", failureOf(engine));
    assertArrayEquals(new byte[] {1}, engine.handle(NOTHING, new byte[] {1}).effects);
    assertEquals("out of time", failureOf(engine));
    assertEquals(2, reads);
  }

  @Test
  public void saysWhatWentWrong() {
    assertEquals("out of memory", failureOf(engineThat("for(let all=[];;)all.push(new Array(1e5).fill(1))")));
    assertEquals("InternalError: stack overflow", failureOf(engineThat("(function f(){f()})()")));
    assertEquals("Error: ???", failureOf(engineThat("throw Error('\u20ac')")));
    assertEquals("the agent does not answer as it should", failureOf(engineOf(bytes("holdfast={open:()=>({handle:ledger=>({ledger,effects:ledger})})}"))));
  }

  @Test
  public void saysThatThereIsNoBundle() {
    Engine engine =
        new Engine(
            new Engine.Bundle() {
              @Override
              public byte[] read() throws IOException {
                throw new IOException("no asset");
              }
            });
    assertEquals("no asset", failureOf(engine));
  }

  @Test
  public void takesNullForAMistakeOfTheCallerAndLives() throws Exception {
    Engine engine = engineThat("return{ledger,effects:event}");
    try {
      engine.handle(null, SOMETHING);
      fail();
    } catch (Daemon.EngineFailed expected) {
      assertArrayEquals(SOMETHING, engine.handle(NOTHING, SOMETHING).effects);
    }
  }

  @Test
  public void runsOnAnyThread() throws Exception {
    final Engine engine = engineThat("return{ledger,effects:event}");
    for (int round = 0; round < 3; round++) {
      final byte[][] answer = new byte[1][];
      Thread thread =
          new Thread(
              null,
              () -> {
                try {
                  answer[0] = engine.handle(NOTHING, SOMETHING).effects;
                } catch (Daemon.EngineFailed failed) {
                  answer[0] = bytes(failed.getMessage());
                }
              },
              "other",
              512 << 10);
      thread.start();
      thread.join();
      assertArrayEquals(SOMETHING, answer[0]);
      assertArrayEquals(SOMETHING, engine.handle(NOTHING, SOMETHING).effects);
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
