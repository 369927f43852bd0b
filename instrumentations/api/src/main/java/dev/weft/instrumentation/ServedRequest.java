package dev.weft.instrumentation;

/** The inbound request that a thread serves, for other threads that work for it. Thread-safe. */
public interface ServedRequest {
  /**
   * Makes it the one that this thread serves, as {@link ServerExchange#attach} does: requests that
   * begin here continue its trace and keep to its deadline. Close the scope on the same thread.
   */
  ServerExchange.Scope attach();
}
