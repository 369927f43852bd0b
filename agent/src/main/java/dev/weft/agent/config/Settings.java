package dev.weft.agent.config;

import dev.weft.policy.Locality;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The agent's settings. Immutable. Keys, defaults and meaning stand in the README's table; each
 * component is the key without {@code weft.}.
 *
 * @param ports names of the ports that this workload listens on ({@code weft.ports=http:8080}); a
 *     named {@code targetPort} of a Service means these, or the only port of a workload that names
 *     none
 */
public record Settings(
    boolean enabled,
    String service,
    String namespace,
    String serviceAccount,
    Map<String, String> labels,
    Map<String, Integer> ports,
    List<URI> servers,
    Optional<String> token,
    Optional<Path> tokenFile,
    Optional<Path> serverCaFile,
    Optional<Path> policy,
    Optional<Path> identityCert,
    Optional<Path> identityKey,
    Optional<Path> identityBundle,
    Optional<String> address,
    Optional<Locality> locality,
    Optional<Integer> weight,
    Optional<Path> stateDir,
    Duration startupWait,
    Duration drainTimeout,
    Optional<HealthCheck> health,
    Duration healthInterval,
    OnFailure onFailure,
    TlsProvider tlsProvider,
    Set<String> disabledInstrumentations,
    LogLevel logLevel,
    Optional<Path> logFile,
    Optional<String> admin) {

  /** Whether this workload can ever prove who it is: a server enrols it, or files say. */
  public boolean mayHaveIdentity() {
    return !servers.isEmpty() || identityCert.isPresent();
  }

  /** What happens before the first snapshot. */
  public enum OnFailure {
    /** Refuse what STRICT would refuse. */
    CLOSED,
    /** Let traffic pass as if unmeshed. */
    OPEN
  }

  /** Who does the cryptography. */
  public enum TlsProvider {
    AUTO,
    OPENSSL,
    JSSE
  }

  /** Least important level that is still printed. */
  public enum LogLevel {
    ERROR,
    WARN,
    INFO,
    DEBUG
  }

  /** Whether there is anything to do: a server, or a policy folder. */
  public boolean configured() {
    return enabled && (!servers.isEmpty() || policy.isPresent());
  }
}
