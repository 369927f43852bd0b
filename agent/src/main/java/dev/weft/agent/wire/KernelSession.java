package dev.weft.agent.wire;

import dev.weft.bootstrap.WireSession;
import java.io.FileDescriptor;
import java.nio.channels.SelectionKey;

/** A session that holds no bytes: who waits for its socket waits for what the kernel says. */
abstract class KernelSession extends WireSession {
  KernelSession(FileDescriptor descriptor) {
    super(descriptor);
  }

  @Override
  public final boolean encrypts() {
    return false;
  }

  @Override
  public final boolean park(int event, long nanos) {
    return false;
  }

  @Override
  public final int interest(SelectionKey key, int events) {
    return events;
  }

  @Override
  public final int poll(Object asynchronous, int events) {
    return events;
  }
}
