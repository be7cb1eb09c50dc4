package dev.holdfast.agent;

import org.junit.runners.model.FrameworkMethod;
import org.junit.runners.model.InitializationError;
import org.robolectric.RobolectricTestRunner;
import org.robolectric.internal.bytecode.InstrumentationConfiguration;

/**
 * Robolectric loads the app once for each Android version; a JVM loads a native library once. So what has nothing of Android in it,
 * the engine and the core, is loaded outside.
 */
public final class AgentTestRunner extends RobolectricTestRunner {
  public AgentTestRunner(Class<?> test) throws InitializationError {
    super(test);
  }

  @Override
  protected InstrumentationConfiguration createClassLoaderConfig(FrameworkMethod method) {
    return new InstrumentationConfiguration.Builder(super.createClassLoaderConfig(method))
        .doNotAcquirePackage("dev.holdfast.agent.engine.")
        .doNotAcquirePackage("dev.holdfast.agent.core.")
        .doNotAcquirePackage("dev.holdfast.agent.wire.")
        .doNotAcquireClass("dev.holdfast.agent.StandIn")
        .build();
  }
}
