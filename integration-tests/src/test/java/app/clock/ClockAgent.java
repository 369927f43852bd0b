package app.clock;

import java.lang.instrument.ClassFileTransformer;
import java.lang.instrument.Instrumentation;
import java.lang.instrument.UnmodifiableClassException;
import java.nio.file.Path;
import java.security.ProtectionDomain;

/**
 * An agent that lets a story set the time of day of an unmodified JVM, for every class in it, those
 * of the JDK included. Its monotonic time ({@link System#nanoTime}) goes on as it is, as it does on
 * a machine whose clock somebody sets. Lies in the bootstrap loader, by its jar's manifest.
 */
public final class ClockAgent {
  private ClockAgent() {}

  /** Called by the JVM; the argument is the file of {@link SetClock}. */
  public static void premain(String file, Instrumentation instrumentation)
      throws UnmodifiableClassException {
    SetClock.follow(Path.of(file));
    instrumentation.addTransformer(
        new ClassFileTransformer() {
          @Override
          public byte[] transform(
              ClassLoader loader,
              String name,
              Class<?> redefined,
              ProtectionDomain domain,
              byte[] bytes) {
            return name == null || name.startsWith("app/clock/")
                ? null
                : ClockCalls.redirect(bytes);
          }
        },
        true);
    for (Class<?> type : instrumentation.getAllLoadedClasses()) {
      if (instrumentation.isModifiableClass(type) && !type.isHidden()) {
        instrumentation.retransformClasses(type);
      }
    }
  }
}
