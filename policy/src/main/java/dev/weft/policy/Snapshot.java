package dev.weft.policy;

import java.util.List;

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
 * @param mesh mesh-wide settings
 */
public record Snapshot(
    String version,
    String trustDomain,
    List<String> trustBundle,
    Inbound inbound,
    List<Service> services,
    MeshSettings mesh) {}
