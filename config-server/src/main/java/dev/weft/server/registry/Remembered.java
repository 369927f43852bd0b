package dev.weft.server.registry;

import java.time.Duration;

/**
 * A workload as a registry passes it on to the next one. Immutable.
 *
 * @param absent for how long nobody has heard of it, while servers ran that it could have come to;
 *     zero: it is connected
 */
public record Remembered(Registration registration, Duration absent) {}
