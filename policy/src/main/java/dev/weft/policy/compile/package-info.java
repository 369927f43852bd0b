/**
 * Documents and workloads become snapshots: {@link dev.weft.policy.compile.MeshCompiler} joins what
 * people wrote with who is there (its javadoc has the rules), and {@link
 * dev.weft.policy.compile.CompiledMesh} cuts out what one workload needs to know. {@code
 * ServiceCompiler}, {@code RouteCompiler} and {@code InboundCompiler} do a third each. {@link
 * dev.weft.policy.compile.Lint} is the same without workloads.
 */
@NullMarked
package dev.weft.policy.compile;

import org.jspecify.annotations.NullMarked;
