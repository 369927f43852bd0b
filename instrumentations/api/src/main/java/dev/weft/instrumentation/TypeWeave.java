package dev.weft.instrumentation;

import java.util.List;

/**
 * A woven type.
 *
 * @param type binary name, for example {@code jdk.internal.net.http.HttpClientImpl}
 * @param weaves its woven methods; a weave that matches no method switches the instrumentation off
 *     for that class loader, visibly
 */
public record TypeWeave(String type, List<Weave> weaves) {}
