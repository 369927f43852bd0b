package dev.weft.server.demo;

import java.util.List;
import java.util.Map;

/**
 * A program to run as a workload of the mesh. Immutable.
 *
 * @param name unique in its mesh: of the process, its logs
 * @param service the service it belongs to; also its service account unless {@link #as} says
 *     otherwise
 * @param account its service account
 * @param labels what Services select by
 * @param environment environment variables of its own
 * @param arguments what follows {@code java}
 */
public record Program(
    String name,
    String service,
    String account,
    Map<String, String> labels,
    Map<String, String> environment,
    List<String> arguments) {

  /** A program that is called as its service. */
  public static Program of(String service, List<String> arguments) {
    return new Program(service, service, service, Map.of("app", service), Map.of(), arguments);
  }

  /** The same under another name. */
  public Program named(String other) {
    return new Program(other, service, account, labels, environment, arguments);
  }

  /** The same with another identity. */
  public Program as(String otherAccount) {
    return new Program(name, service, otherAccount, labels, environment, arguments);
  }

  /** The same with other labels. */
  public Program labelled(Map<String, String> others) {
    return new Program(name, service, account, others, environment, arguments);
  }

  /** The same with these environment variables and no others of its own. */
  public Program with(Map<String, String> variables) {
    return new Program(name, service, account, labels, variables, arguments);
  }
}
