/** What the server measures about itself, as Prometheus reads it. */
@NullMarked
package dev.weft.server.metrics;

import org.jspecify.annotations.NullMarked;
