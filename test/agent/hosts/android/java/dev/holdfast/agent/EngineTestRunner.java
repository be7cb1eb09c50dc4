package dev.holdfast.agent;

import org.junit.runners.model.FrameworkMethod;
import org.junit.runners.model.InitializationError;
import org.robolectric.RobolectricTestRunner;
import org.robolectric.internal.bytecode.InstrumentationConfiguration;

/**
 * Robolectric for tests in which the real engine runs. Robolectric loads the app's classes anew for each API level, and a JVM gives a
 * native library to the classes of one loader alone: here the engine's are everybody's.
 */
public class EngineTestRunner extends RobolectricTestRunner {
  public EngineTestRunner(Class<?> testClass) throws InitializationError {
    super(testClass);
  }

  @Override
  protected InstrumentationConfiguration createClassLoaderConfig(FrameworkMethod method) {
    return new InstrumentationConfiguration.Builder(super.createClassLoaderConfig(method))
        .doNotAcquirePackage("dev.holdfast.agent.engine.")
        .doNotAcquirePackage("dev.holdfast.agent.core.Daemon")
        .build();
  }
}
