package dev.weft.agent.balance;

import dev.weft.policy.Endpoint;

/** An endpoint as one list has it, and what is remembered of it. */
record Member(Endpoint endpoint, EndpointState state, NamedAddress address) {
  Member(Endpoint endpoint, EndpointState state) {
    this(endpoint, state, new NamedAddress());
  }

  int weight() {
    return Math.max(1, endpoint.weight().orElse(1));
  }

  Standing standing() {
    return state.standing();
  }

  /** What hash tables and session keys take it for; the same in every process. */
  String identity() {
    return endpoint.address() + " " + endpoint.port();
  }
}
