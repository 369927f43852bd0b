package dev.weft.agent.bypass;

import dev.weft.agent.log.Log;
import dev.weft.instrumentation.TransportMesh;
import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What adapters tell and ask about transports and resolvers of libraries' own. Thread-safe. */
public final class Transports implements TransportMesh {
  private static final String STEERED = "steered to NIO";
  private static final String REFUSED = "refused";

  private final Function<String, InetAddress @Nullable []> names;
  private final Log log;
  private final Map<String, String> transports = new ConcurrentHashMap<>();

  /**
   * Nothing heard of yet.
   *
   * @param names the mesh's addresses of a host; null: not of the mesh
   */
  public Transports(Function<String, InetAddress @Nullable []> names, Log log) {
    this.names = names;
    this.log = log;
  }

  @Override
  public List<InetAddress> resolve(String host) {
    InetAddress[] addresses = names.apply(host);
    return addresses == null ? List.of() : List.of(addresses);
  }

  @Override
  public void steered(String transport) {
    if (transports.putIfAbsent(transport, STEERED) == null) {
      log.info("native transport steered to NIO class=" + transport);
    }
  }

  /** The application hears the reason by an exception, people by this line. */
  @Override
  public void refused(String transport) {
    if (!REFUSED.equals(transports.put(transport, REFUSED))) {
      log.warn("native transport refused class=" + transport + ": it would bypass the mesh");
    }
  }

  /** Class names, and what became of them. */
  public SortedMap<String, String> status() {
    return new TreeMap<>(transports);
  }
}
