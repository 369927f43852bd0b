/**
 * What a change of documents changes, in words: {@link dev.weft.server.diff.MeshDiff}. Compares
 * compiled meshes, so that order, form and files of documents do not matter.
 */
@NullMarked
package dev.weft.server.diff;

import org.jspecify.annotations.NullMarked;
