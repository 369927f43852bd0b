/**
 * Documents and workloads become snapshots: {@link dev.weft.policy.compile.MeshCompiler} joins what
 * people wrote with who is there, and {@link dev.weft.policy.compile.CompiledMesh} cuts out what
 * one workload needs to know.
 */
@NullMarked
package dev.weft.policy.compile;

import org.jspecify.annotations.NullMarked;
