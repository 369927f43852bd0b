package dev.weft.server.http;

import dev.weft.server.limit.Traffic;

/**
 * One resource and what it takes to reach it. Immutable.
 *
 * @param path exact, or with names in braces for whole parts: {@code /v1/traces/{traceId}}
 * @param traffic whose limits it shares
 * @param maxBody bytes of the request's body at most
 */
public record Route(
    String method, String path, Caller caller, Traffic traffic, int maxBody, Resource resource) {

  static Traffic usual(Caller caller) {
    return switch (caller) {
      case ANYONE -> Traffic.PUBLIC;
      case AGENT -> Traffic.AGENT;
      case VIEWER -> Traffic.READ;
      case OPERATOR -> Traffic.CHANGE;
    };
  }
}
