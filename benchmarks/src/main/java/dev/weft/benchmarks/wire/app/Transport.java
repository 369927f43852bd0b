package dev.weft.benchmarks.wire.app;

/** What an application itself does about the security of its connections. */
public enum Transport {
  /** Nothing: plaintext, or somebody else's task. */
  PLAIN,
  /** Mutual TLS 1.3 by the JDK's provider. */
  JSSE,
  /** Mutual TLS 1.3 by Netty's BoringSSL. */
  BORINGSSL
}
