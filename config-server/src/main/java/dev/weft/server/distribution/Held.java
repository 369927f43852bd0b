package dev.weft.server.distribution;

import dev.weft.server.policy.Generation;
import java.util.List;
import java.util.Set;

/**
 * What an agent says it has when it opens a stream. Immutable.
 *
 * @param protocol the version of the protocol that it speaks
 * @param version the snapshot in force; empty: none
 * @param hashes of the parts of that snapshot; empty: none, or protocol 1
 * @param wanted keys of services that it has asked for so far
 * @param policy the newest generation of documents it has seen
 */
public record Held(
    int protocol, String version, Set<String> hashes, List<String> wanted, Generation policy) {}
