package dev.holdfast.agent.posture;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;

/** Between the rules and the platform: records every call, refuses those it is told to, and dies before the one it is told to. */
final class Wire implements InvocationHandler {
  /** The phone went off. Not an exception: nothing may catch it. */
  static final class PowerCut extends Error {}

  final List<String> calls = new ArrayList<>();
  Predicate<String> refuses = call -> false;
  int diesBefore = -1;
  private final PolicyGateway platform;

  private Wire(PolicyGateway platform) {
    this.platform = platform;
  }

  static Wire to(PolicyGateway platform) {
    return new Wire(platform);
  }

  PolicyGateway gateway() {
    return (PolicyGateway) Proxy.newProxyInstance(Wire.class.getClassLoader(), new Class<?>[] {PolicyGateway.class}, this);
  }

  /** Calls that change something. */
  List<String> changes() {
    return calls.stream().filter(Wire::isChange).toList();
  }

  static boolean isChange(String call) {
    return call.matches("^(set|add|clear|make|give|grant|ungrant).*");
  }

  @Override
  public Object invoke(Object proxy, Method method, Object[] arguments) throws Throwable {
    if (calls.size() == diesBefore) throw new PowerCut();
    String call = method.getName() + Arrays.toString(arguments == null ? new Object[0] : arguments);
    calls.add(call);
    if (refuses.test(call)) throw new SecurityException(call);
    try {
      return method.invoke(platform, arguments);
    } catch (InvocationTargetException thrown) {
      throw thrown.getCause();
    }
  }
}
