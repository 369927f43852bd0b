/**
 * The YAML front end: files in, checked documents and {@link dev.weft.policy.document.Diagnostic}s
 * with their place out. Start at {@link dev.weft.policy.document.PolicyStore}.
 */
@NullMarked
package dev.weft.policy.document;

import org.jspecify.annotations.NullMarked;
