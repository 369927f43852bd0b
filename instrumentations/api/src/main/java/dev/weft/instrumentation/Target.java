package dev.weft.instrumentation;

import java.util.Optional;

/**
 * What a request asks for over the wire in place of what the application wrote (Gateway API {@code
 * HTTPURLRewriteFilter}). The application goes on seeing its own. Immutable.
 *
 * @param authority {@code Host} or {@code :authority}; empty: the application's
 * @param pathAndQuery starts with {@code /}; empty: the application's
 */
public record Target(Optional<String> authority, Optional<String> pathAndQuery) {}
