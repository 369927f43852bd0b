/**
 * Who is there: {@link dev.weft.server.registry.Registry} knows every workload that holds, or just
 * lost, a watch stream.
 */
@NullMarked
package dev.weft.server.registry;

import org.jspecify.annotations.NullMarked;
