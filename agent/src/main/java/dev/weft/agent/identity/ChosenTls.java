package dev.weft.agent.identity;

import dev.weft.agent.config.Settings.TlsProvider;
import dev.weft.agent.log.Log;
import dev.weft.policy.SpiffeId;
import java.net.InetSocketAddress;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * Mesh TLS as {@code weft.tls.provider} says. With {@code auto} the native library loads beside the
 * application's start; a handshake that comes earlier waits for it, because that is shorter than
 * JSSE's own first steps. Where there will be no identity it does not load: without one there are
 * no engines, of either provider. Thread-safe.
 */
public final class ChosenTls implements MeshTls {
  /** For a machine that is very busy; then JSSE it is, for this once. */
  private static final long PATIENCE_SECONDS = 3;

  private final CountDownLatch chosen = new CountDownLatch(1);
  private final MeshTls jsse;
  private volatile @Nullable MeshTls openssl;
  private volatile String group = "";

  private ChosenTls(IdentityStore identities) {
    this.jsse = new JsseMeshTls(identities);
  }

  /**
   * The provider that the user wants.
   *
   * @param mayHaveIdentity whether there can ever be an identity in the store
   * @param own the group of the agent's threads
   * @throws IllegalArgumentException when {@code openssl} is wanted and cannot be loaded
   */
  public static ChosenTls of(
      TlsProvider wanted,
      boolean mayHaveIdentity,
      IdentityStore identities,
      ThreadGroup own,
      Log log) {
    ChosenTls tls = new ChosenTls(identities);
    switch (wanted) {
      case JSSE -> {
        tls.chosen.countDown();
        log.info("mesh tls provider=jsse");
      }
      case OPENSSL -> {
        String problem = tls.tryOpenSsl(identities, log);
        if (problem != null) {
          throw new IllegalArgumentException(
              "weft.tls.provider=openssl: BoringSSL cannot be loaded: "
                  + problem
                  + "; expected auto or jsse here");
        }
      }
      case AUTO -> {
        if (!mayHaveIdentity) {
          tls.chosen.countDown();
          return tls;
        }
        Runnable choice =
            () -> {
              String problem = tls.tryOpenSsl(identities, log);
              if (problem != null) {
                log.info("mesh tls provider=jsse, BoringSSL cannot be loaded: " + problem);
              }
            };
        Thread loader = new Thread(own, choice, "weft-tls", 0, false);
        loader.setDaemon(true);
        loader.start();
      }
    }
    return tls;
  }

  private @Nullable String tryOpenSsl(IdentityStore identities, Log log) {
    try {
      long start = System.nanoTime();
      String problem = OpenSslLibrary.problem();
      if (problem == null) {
        openssl = new OpenSslMeshTls(identities, identities.clock());
        log.info(
            "mesh tls provider=openssl "
                + OpenSslLibrary.version()
                + " loaded in "
                + (System.nanoTime() - start) / 1_000_000
                + " ms");
      }
      return problem;
    } finally {
      chosen.countDown();
    }
  }

  private MeshTls chosen() {
    if (chosen.getCount() > 0) {
      try {
        chosen.await(PATIENCE_SECONDS, TimeUnit.SECONDS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
    MeshTls boring = openssl;
    return boring == null ? jsse : boring;
  }

  @Override
  public SSLEngine client(@Nullable SpiffeId expected, InetSocketAddress remote)
      throws SSLException {
    return chosen().client(expected, remote);
  }

  @Override
  public SSLEngine server() throws SSLException {
    return chosen().server();
  }

  @Override
  public SpiffeId peer(SSLEngine engine) throws SSLException {
    SpiffeId peer = MeshTls.super.peer(engine);
    if (engine instanceof MeshEngine ours) {
      group = ours.group();
    }
    return peer;
  }

  /** For {@code /status}: which provider, its version, the key exchange of the last handshake. */
  public Map<String, Object> status() {
    Map<String, Object> status = new LinkedHashMap<>();
    status.put("provider", openssl == null ? "jsse" : "openssl");
    status.put(
        "version",
        openssl == null
            ? System.getProperty("java.runtime.version", "")
            : OpenSslLibrary.version());
    if (!group.isEmpty()) {
      status.put("group", group);
    }
    return status;
  }
}
