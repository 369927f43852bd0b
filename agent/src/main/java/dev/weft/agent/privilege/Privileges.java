package dev.weft.agent.privilege;

import java.security.AccessController;
import java.security.PrivilegedAction;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Our own permissions where the application's thread has brought us here: under a security manager
 * (JDK 17 still has one) it may do less than we must. Without one it is a plain call.
 */
public final class Privileges {
  private Privileges() {}

  /** What the work returns; done with our permissions, which threads made in it inherit. */
  @SuppressWarnings("removal") // without a replacement, and without effect where it is gone
  public static <T extends @Nullable Object> T with(Supplier<T> work) {
    return AccessController.doPrivileged((PrivilegedAction<T>) work::get);
  }
}
