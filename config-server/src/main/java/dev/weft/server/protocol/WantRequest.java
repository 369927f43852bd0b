package dev.weft.server.protocol;

import java.util.List;

/**
 * Body of {@code POST /v1/want}.
 *
 * @param services keys {@code namespace/name} of services that the application is about to call
 */
public record WantRequest(String instance, List<String> services) {}
