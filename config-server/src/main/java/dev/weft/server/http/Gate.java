package dev.weft.server.http;

import dev.weft.server.authority.Svid;
import dev.weft.server.limit.Limits;
import dev.weft.server.limit.Traffic;
import dev.weft.server.operator.Operator;
import dev.weft.server.operator.Operators;
import dev.weft.server.operator.Role;
import dev.weft.server.protocol.Refusal;
import dev.weft.server.protocol.Refusal.Kind;
import io.netty.channel.Channel;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.QueryStringDecoder;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Judges a request by its head: where it goes, who asks, and how often. Thread-safe; does not
 * block.
 *
 * <p>Who proves an identity is counted by it and by nothing else, so that a site of many agents
 * behind one address comes back after an outage. Who proves none is counted by address.
 *
 * @param tokenInQuery whether an operator token may stand in the query, for browsers
 */
record Gate(
    Routes routes, Operators operators, Limits limits, boolean tokenInQuery, InstantSource clock) {

  /** Where a request goes. */
  record Goal(Routes.Match match, Map<String, List<String>> query) {}

  /** A request and who makes it. */
  record Identified(
      Goal goal, HttpHeaders headers, Optional<Svid> svid, Optional<Operator> operator) {
    Route route() {
      return goal.match().route();
    }
  }

  /** Finds the resource. */
  Goal find(HttpRequest request, String addressKey) throws Refusal {
    QueryStringDecoder uri = new QueryStringDecoder(request.uri());
    String path;
    Map<String, List<String>> query;
    try {
      path = uri.path();
      query = uri.parameters();
    } catch (IllegalArgumentException e) {
      throw counted(
          addressKey, new Refusal(Kind.BAD_REQUEST, "bad-uri", "The request's URI is malformed."));
    }
    try {
      return new Goal(routes.match(request.method().name(), path), query);
    } catch (Refusal refusal) {
      throw counted(addressKey, refusal);
    }
  }

  /** Finds out who calls. */
  Identified identify(
      Goal goal, HttpRequest request, ConnectionPeer peer, Channel channel, String addressKey)
      throws Refusal {
    HttpHeaders headers = request.headers();
    return switch (goal.match().route().caller()) {
      case ANYONE -> new Identified(goal, headers, Optional.empty(), Optional.empty());
      case AGENT -> {
        Svid svid = agent(peer, channel, addressKey);
        yield new Identified(goal, headers, Optional.of(svid), Optional.empty());
      }
      case VIEWER, OPERATOR -> {
        Operator operator = operator(headers, goal.query(), addressKey);
        yield new Identified(goal, headers, Optional.empty(), Optional.of(operator));
      }
    };
  }

  /** Checks what the caller may, and how often. */
  void permit(Identified request, String addressKey) throws Refusal {
    Route route = request.route();
    Optional<Operator> operator = request.operator();
    String caller =
        request
            .svid()
            .map(svid -> svid.spiffeId().toString())
            .or(() -> operator.map(Operator::name))
            .orElse(addressKey);
    limits.count(route.traffic(), caller);
    if (route.caller() == Caller.OPERATOR
        && operator.map(Operator::role).orElse(Role.VIEWER) != Role.OPERATOR) {
      throw new Refusal(
          Kind.FORBIDDEN,
          "operator-role",
          "Operator token " + caller + " has the role viewer; this needs the role operator.");
    }
  }

  private Svid agent(ConnectionPeer peer, Channel channel, String addressKey) throws Refusal {
    try {
      return peer.svid(channel);
    } catch (Refusal refusal) {
      throw counted(addressKey, refusal);
    }
  }

  private Operator operator(HttpHeaders headers, Map<String, List<String>> query, String addressKey)
      throws Refusal {
    Optional<String> header = Optional.ofNullable(headers.get(HttpHeaderNames.AUTHORIZATION));
    if (tokenInQuery && header.isEmpty() && query.containsKey("token")) {
      header = Optional.of("Bearer " + query.get("token").get(0));
    }
    try {
      return operators.authenticate(header);
    } catch (Refusal refusal) {
      throw counted(addressKey, refusal);
    }
  }

  /** The reason, or that there were too many of them: only who fails is held back. */
  private Refusal counted(String addressKey, Refusal reason) {
    try {
      limits.count(Traffic.STRANGER, addressKey);
      return reason;
    } catch (Refusal limited) {
      return limited;
    }
  }
}
