package app;

import java.lang.instrument.ClassFileTransformer;
import java.lang.instrument.Instrumentation;
import java.lang.instrument.UnmodifiableClassException;
import java.security.ProtectionDomain;

/** Another agent, which transforms every class, those of the JDK's sockets among them. */
public final class Retransformer {
  private static Instrumentation instrumentation;

  private Retransformer() {}

  /** Called by the JVM. */
  public static void premain(String arguments, Instrumentation given)
      throws UnmodifiableClassException {
    instrumentation = given;
    given.addTransformer(
        new ClassFileTransformer() {
          @Override
          public byte[] transform(
              ClassLoader loader,
              String name,
              Class<?> redefined,
              ProtectionDomain domain,
              byte[] bytes) {
            return bytes.clone(); // to the JVM a class that has been changed
          }
        },
        true);
    again();
  }

  /** Transforms what is loaded, after every other agent. */
  public static void again() throws UnmodifiableClassException {
    for (Class<?> type : instrumentation.getAllLoadedClasses()) {
      String name = type.getName();
      if ((name.startsWith("sun.nio.ch.") || name.startsWith("java.net."))
          && instrumentation.isModifiableClass(type)) {
        instrumentation.retransformClasses(type);
      }
    }
  }
}
