package dev.holdfast.agent.engine;

import static org.junit.Assert.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import org.junit.Test;
import org.junit.runner.RunWith;
import org.robolectric.RobolectricTestRunner;
import org.robolectric.annotation.Config;

/** The engine between the framework's classes. */
@RunWith(RobolectricTestRunner.class)
@Config(sdk = {28, 31, 34, 35})
public class EngineInFrameworkTest {
  @Test
  public void answers() throws Exception {
    Path bundle = Paths.get(System.getProperty("holdfast.bundle"));
    Engine engine = new Engine(() -> Files.readAllBytes(bundle));
    assertTrue(engine.handle(new byte[0], new byte[0]).effects.length > 0);
  }
}
