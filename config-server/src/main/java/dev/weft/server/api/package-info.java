/**
 * What the server answers over HTTP: {@link dev.weft.server.api.AgentApi} to workloads, {@link
 * dev.weft.server.api.OperatorApi} to people and their programs.
 */
@NullMarked
package dev.weft.server.api;

import org.jspecify.annotations.NullMarked;
