package dev.weft.bootstrap;

import java.io.File;
import java.lang.instrument.Instrumentation;
import java.lang.reflect.InvocationTargetException;
import java.security.AccessController;
import java.security.PrivilegedActionException;
import java.security.PrivilegedExceptionAction;
import org.jspecify.annotations.Nullable;

/**
 * Starts the agent in a loader of its own, with all permissions: under a security manager (JDK 17
 * still has one) the premain class has those of an application class, that is next to none, and
 * every thread of ours would inherit them.
 */
public final class AgentStart implements PrivilegedExceptionAction<Void> {
  private static boolean started;

  private final File jar;
  private final String arguments;
  private final Instrumentation instrumentation;

  private AgentStart(File jar, String arguments, Instrumentation instrumentation) {
    this.jar = jar;
    this.arguments = arguments;
    this.instrumentation = instrumentation;
  }

  /**
   * Called by the premain class, before any class of the application runs, and only then: whoever
   * may call this gives a jar of its choice all permissions.
   *
   * @throws Exception what the agent's start throws
   * @throws IllegalStateException when called again
   */
  @SuppressWarnings("removal") // without a replacement, and without effect where it is gone
  public static synchronized void start(File jar, String arguments, Instrumentation instrumentation)
      throws Exception {
    if (started) {
      throw new IllegalStateException("the agent has been started already");
    }
    started = true;
    try {
      AccessController.doPrivileged(new AgentStart(jar, arguments, instrumentation));
    } catch (PrivilegedActionException e) {
      throw e.getException();
    }
  }

  @Override
  public @Nullable Void run() throws Exception {
    // Not the system loader's parent: java.system.class.loader may put any loader there.
    AgentClassLoader loader = new AgentClassLoader(jar, ClassLoader.getPlatformClassLoader());
    Class<?> agent = Class.forName("dev.weft.agent.Agent", true, loader);
    try {
      agent
          .getMethod("start", String.class, Instrumentation.class)
          .invoke(null, arguments, instrumentation);
    } catch (InvocationTargetException e) {
      if (e.getCause() instanceof Error error) {
        throw error;
      }
      throw e.getCause() instanceof Exception cause ? cause : e;
    } finally {
      loader.started();
    }
    return null;
  }
}
