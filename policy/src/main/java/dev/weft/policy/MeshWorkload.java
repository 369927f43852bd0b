package dev.weft.policy;

import java.util.List;

/**
 * A running workload of the mesh, whether or not a service leads to it. Immutable.
 *
 * @param address IP literal
 * @param spiffeId the identity that its certificates carry
 * @param ports where it listens and expects mesh TLS, ascending; others at this address may be
 *     anybody's
 */
public record MeshWorkload(String address, String spiffeId, List<Integer> ports) {}
