package dev.weft.instrumentation.httpclient5;

import java.lang.reflect.Constructor;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.Arrays;

/** Checks that the library at hand has the members that an adapter is made for. */
final class Members {
  private Members() {}

  /**
   * Every method that the library may call on our class is there: a version with another one must
   * not meet our class.
   */
  static void implemented(Class<?> type, Class<?> ours) throws NoSuchMethodException {
    for (Method method : type.getMethods()) {
      if (Modifier.isAbstract(method.getModifiers())) {
        Method found = ours.getMethod(method.getName(), method.getParameterTypes());
        if (Modifier.isAbstract(found.getModifiers())) {
          throw new NoSuchMethodException(type.getName() + "." + method.getName());
        }
      }
    }
  }

  /** A public constructor is there. */
  static void constructor(Class<?> type, Class<?>... parameters) throws NoSuchMethodException {
    for (Constructor<?> each : type.getConstructors()) {
      if (Arrays.equals(each.getParameterTypes(), parameters)) {
        return;
      }
    }
    throw new NoSuchMethodException(type.getName() + Arrays.toString(parameters));
  }
}
