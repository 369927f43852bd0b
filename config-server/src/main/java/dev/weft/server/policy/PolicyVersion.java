package dev.weft.server.policy;

import dev.weft.policy.document.PolicyStore;

/** Documents, and the generation that they are. Immutable. */
public record PolicyVersion(PolicyStore store, Generation generation) {}
