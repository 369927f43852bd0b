/**
 * Whether the application is well, by asking it: {@link dev.weft.agent.health.HealthWatch} probes
 * it again and again, through connections that {@link dev.weft.agent.health.OwnProbes} makes known
 * to the layers that would refuse them.
 */
@NullMarked
package dev.weft.agent.health;

import org.jspecify.annotations.NullMarked;
