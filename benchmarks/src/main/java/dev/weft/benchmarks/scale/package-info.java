/**
 * What a config server costs and how fast it is with thousands of agents: {@link
 * dev.weft.benchmarks.scale.ScaleBenchmark} starts a real server, thousands of simulated agents
 * that speak the real protocol over real TLS from one process ({@link
 * dev.weft.benchmarks.scale.SimulatedAgent}), changes policy, kills the server, and prints what it
 * saw.
 */
@NullMarked
package dev.weft.benchmarks.scale;

import org.jspecify.annotations.NullMarked;
