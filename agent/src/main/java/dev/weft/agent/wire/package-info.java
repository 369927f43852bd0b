/** The wire layer: mutual TLS and connection policy below every Java TCP socket. */
@NullMarked
package dev.weft.agent.wire;

import org.jspecify.annotations.NullMarked;
