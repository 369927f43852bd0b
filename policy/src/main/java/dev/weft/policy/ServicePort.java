package dev.weft.policy;

/**
 * A port of a service. Immutable.
 *
 * @param name may be empty
 * @param port 1 to 65535
 * @param appProtocol {@code http}, {@code kubernetes.io/h2c}, {@code tcp} ...; empty when not
 *     stated
 */
public record ServicePort(String name, int port, String appProtocol) {}
