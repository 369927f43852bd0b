package dev.weft.policy.part;

import dev.weft.policy.AccessLogFormat;
import dev.weft.policy.DirectoryEntry;
import dev.weft.policy.Inbound;
import dev.weft.policy.MeshSettings;
import dev.weft.policy.Service;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What stands in parts, by the beginning of their keys. In order of keys, all parts that the agents
 * of a namespace share come before those of one agent: so the server hashes the shared ones once.
 */
public final class Bodies {
  /** {@code directory/<namespace>}: {@link Directory}. Shared. */
  public static final String DIRECTORY = "directory/";

  /** {@code identity/<SPIFFE ID without scheme>}: {@link Workloads}. Shared. */
  public static final String IDENTITY = "identity/";

  /** {@link Mesh}. Shared. */
  public static final String MESH = "mesh";

  /** {@code service/<namespace>/<name>}: {@link Service}. Shared. */
  public static final String SERVICE = "service/";

  /** {@code wanted/<namespace>/<name>}: a {@link Service} that one agent has asked for. */
  public static final String WANTED = "wanted/";

  /** {@link Self}, of one agent. */
  public static final String SELF = "workload";

  /** {@link Instances}, of one agent; absent: it shares no limit. */
  public static final String INSTANCES = SELF + "/instances";

  private Bodies() {}

  /** Whom to trust, and settings of the whole mesh. */
  public record Mesh(String trustDomain, List<String> trustBundle, MeshSettings settings) {}

  /** What one workload accepts, and whether it logs access. */
  public record Self(Inbound inbound, Optional<AccessLogFormat> accessLog) {}

  /** How many live instances a workload's service has, itself among them. */
  public record Instances(int live) {}

  /** The services of one namespace that an agent has not been told of, in order of name. */
  public record Directory(List<DirectoryEntry> services) {}

  /** Where the workloads of one identity run, in order of address. */
  public record Workloads(String spiffeId, List<Place> places) {}

  /**
   * Where one of them runs.
   *
   * @param ports where it listens and expects mesh TLS, ascending
   */
  public record Place(String address, List<Integer> ports) {}

  /** What the body of a part is; null: a part of a later version, which nobody here reads. */
  static @Nullable Class<? extends Record> type(String key) {
    if (key.startsWith(SERVICE) || key.startsWith(WANTED)) {
      return Service.class;
    }
    if (key.startsWith(IDENTITY)) {
      return Workloads.class;
    }
    if (key.startsWith(DIRECTORY)) {
      return Directory.class;
    }
    if (key.equals(MESH)) {
      return Mesh.class;
    }
    if (key.equals(INSTANCES)) {
      return Instances.class;
    }
    return key.equals(SELF) ? Self.class : null;
  }
}
