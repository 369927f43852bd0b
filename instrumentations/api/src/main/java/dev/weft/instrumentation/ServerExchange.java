package dev.weft.instrumentation;

import org.jspecify.annotations.Nullable;

/** One inbound request, from its first byte to the end of its response. Thread-safe. */
public interface ServerExchange {
  /** The refusal that must be sent instead of calling the application; null: it may pass. */
  @Nullable LocalReply refusal();

  /**
   * Whether the response should end its connection, where its protocol has a way to say so: this
   * workload takes no new requests, and the client may not know it.
   */
  default boolean last() {
    return false;
  }

  /**
   * Makes the request's trace the current one of this thread, so that outbound requests made here
   * become its children. Close the scope on the same thread.
   */
  Scope attach();

  /**
   * The outcome. The first call counts. Never throws.
   *
   * @param status status that was sent; 0 when none was
   * @param failure what the application threw; null when it returned
   */
  void end(int status, @Nullable Throwable failure);

  /** Undoes {@link #attach}. */
  interface Scope extends AutoCloseable {
    @Override
    void close();
  }
}
