package dev.weft.bootstrap;

import java.io.FileDescriptor;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProtocolFamily;

/**
 * The JDK's own socket calls, as the woven code would have made them. Constants, so that the
 * compiler folds them into direct calls. The agent opens {@code sun.nio.ch} and {@code java.io} to
 * us before this class is initialised; a JDK whose members differ fails here, at start, and nothing
 * is woven.
 */
final class Raw {
  static final MethodHandle FD = getter("java.io.FileDescriptor", "fd");
  static final MethodHandle CHANNEL_FD = method("sun.nio.ch.SelChImpl", "getFD");
  static final Class<?> CHANNEL = type("sun.nio.ch.SelChImpl");

  static final MethodHandle ACCEPT =
      method(
          "sun.nio.ch.Net",
          "accept",
          FileDescriptor.class,
          FileDescriptor.class,
          InetSocketAddress[].class);
  static final MethodHandle CONNECT =
      method(
          "sun.nio.ch.Net",
          "connect",
          ProtocolFamily.class,
          FileDescriptor.class,
          InetAddress.class,
          int.class);
  static final MethodHandle CONNECT_ANY =
      method("sun.nio.ch.Net", "connect", FileDescriptor.class, InetAddress.class, int.class);
  static final MethodHandle POLL_CONNECT =
      method("sun.nio.ch.Net", "pollConnect", FileDescriptor.class, long.class);
  static final MethodHandle LISTEN =
      method("sun.nio.ch.Net", "listen", FileDescriptor.class, int.class);
  static final MethodHandle SHUTDOWN =
      method("sun.nio.ch.Net", "shutdown", FileDescriptor.class, int.class);
  static final MethodHandle AVAILABLE = method("sun.nio.ch.Net", "available", FileDescriptor.class);
  static final MethodHandle SEND_OOB =
      method("sun.nio.ch.Net", "sendOOB", FileDescriptor.class, byte.class);

  private Raw() {}

  /** Now, and not when the first socket is made, perhaps by code that may not reflect. */
  static void initialise() {
    // loading this class has done it
  }

  /** Whether this JDK has a class; not every platform's has all. */
  static boolean has(String type) {
    try {
      Class.forName(type, false, null);
      return true;
    } catch (ClassNotFoundException e) {
      return false;
    }
  }

  private static Class<?> type(String name) {
    try {
      return Class.forName(name, false, null);
    } catch (ClassNotFoundException e) {
      throw new IllegalStateException(e);
    }
  }

  static MethodHandle method(String type, String name, Class<?>... parameters) {
    try {
      Method method = type(type).getDeclaredMethod(name, parameters);
      method.setAccessible(true);
      MethodHandle handle = MethodHandles.lookup().unreflect(method);
      return java.lang.reflect.Modifier.isStatic(method.getModifiers())
          ? handle
          : handle.asType(handle.type().changeParameterType(0, Object.class));
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("this JDK has no " + type + "." + name, e);
    }
  }

  static int constant(String name) {
    try {
      Field field = type("sun.nio.ch.Net").getDeclaredField(name);
      field.setAccessible(true);
      return field.getShort(null);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("this JDK has no Net." + name, e);
    }
  }

  static MethodHandle getter(String type, String name) {
    try {
      Field field = type(type).getDeclaredField(name);
      field.setAccessible(true);
      return MethodHandles.lookup().unreflectGetter(field);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("this JDK has no " + type + "." + name, e);
    }
  }
}
