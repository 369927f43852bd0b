package dev.weft.policy;

import java.util.List;
import java.util.Optional;

/**
 * Everything one agent needs to know, at one version: whom to trust, what its own workload accepts,
 * and the services it may call. Swapped as a whole, so that no request and no handshake ever sees
 * two versions. Immutable.
 *
 * @param version opaque, compared for equality only; never empty
 * @param trustDomain SPIFFE trust domain of the mesh, for example {@code cluster.local}
 * @param trustBundle root certificates in PEM, one per element; several during a root rotation
 * @param inbound what this workload accepts
 * @param services the services it may call
 * @param workloads the running workloads of the mesh that the registry knows, in order of address
 * @param mesh mesh-wide settings
 * @param accessLog whether this workload logs access; empty: no
 * @param directory services that exist and are not among {@code services}; whoever calls one asks
 *     the server for it first
 * @param instances how many live instances the workload's service has, itself among them, where
 *     they share a limit of what they call; empty: they share none
 */
public record Snapshot(
    String version,
    String trustDomain,
    List<String> trustBundle,
    Inbound inbound,
    List<Service> services,
    List<MeshWorkload> workloads,
    MeshSettings mesh,
    Optional<AccessLogFormat> accessLog,
    List<DirectoryEntry> directory,
    Optional<Integer> instances) {

  /** A snapshot in which nothing is left to ask for, of a workload that shares no limit. */
  public Snapshot(
      String version,
      String trustDomain,
      List<String> trustBundle,
      Inbound inbound,
      List<Service> services,
      List<MeshWorkload> workloads,
      MeshSettings mesh,
      Optional<AccessLogFormat> accessLog) {
    this(
        version,
        trustDomain,
        trustBundle,
        inbound,
        services,
        workloads,
        mesh,
        accessLog,
        List.of(),
        Optional.empty());
  }

  /** A snapshot that knows of workloads by services only, without an access log. */
  public Snapshot(
      String version,
      String trustDomain,
      List<String> trustBundle,
      Inbound inbound,
      List<Service> services,
      MeshSettings mesh) {
    this(version, trustDomain, trustBundle, inbound, services, List.of(), mesh, Optional.empty());
  }
}
