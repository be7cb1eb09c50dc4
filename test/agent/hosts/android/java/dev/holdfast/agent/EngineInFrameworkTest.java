package dev.holdfast.agent;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import dev.holdfast.agent.core.Daemon;
import dev.holdfast.agent.engine.Engine;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import org.junit.Test;
import org.junit.runner.RunWith;
import org.robolectric.annotation.Config;

/** The engine between the framework's classes. */
@RunWith(AgentTestRunner.class)
@Config(sdk = {28, 31, 34, 35})
public class EngineInFrameworkTest {
  @Test
  public void answersOnEachLevel() throws Exception {
    Path bundle = Paths.get(System.getProperty("holdfast.bundle"));
    Daemon daemon = new Engine(() -> Files.readAllBytes(bundle));
    Daemon.Handled handled = daemon.handle(new byte[0], new byte[0]);
    assertEquals(0, handled.ledger.length);
    assertTrue(handled.effects.length > 0);
  }
}
