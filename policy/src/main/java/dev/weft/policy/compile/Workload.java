package dev.weft.policy.compile;

import java.util.List;
import java.util.Map;

/**
 * A running instance that registered itself. Immutable.
 *
 * @param id unique name of the instance
 * @param service the service it says it belongs to; may be empty
 * @param spiffeId the identity its certificate carries
 * @param address IP literal under which others reach it
 * @param labels what Services and policies select by
 * @param listening the TCP ports it listens on now
 * @param ports its ports by name, for named targetPorts
 * @param ready whether new requests may go there
 */
public record Workload(
    String id,
    String service,
    String namespace,
    String serviceAccount,
    String spiffeId,
    String address,
    Map<String, String> labels,
    List<Integer> listening,
    Map<String, Integer> ports,
    boolean ready) {}
