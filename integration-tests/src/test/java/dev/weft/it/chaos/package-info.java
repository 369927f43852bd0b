/**
 * The chaos story: {@link dev.weft.it.chaos.ChaosIT} runs services while a {@link
 * dev.weft.it.chaos.Conductor} harms them and {@link dev.weft.it.chaos.Policies} change; then an
 * {@link dev.weft.it.chaos.Oracle} judges the {@link dev.weft.it.chaos.History} that every process
 * wrote.
 */
package dev.weft.it.chaos;
