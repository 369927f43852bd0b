/**
 * The YAML front end: files in, checked documents and {@link dev.weft.policy.document.Diagnostic}s
 * with their place out.
 *
 * <p>How to read it: {@link dev.weft.policy.document.PolicyStore} is the way in and decides what is
 * in force; {@code DocumentReader} turns a file into documents, with {@code YamlReader} below it
 * (bytes to values with places, within bounds) and one reader for each {@link
 * dev.weft.policy.document.Kind} above; those ask {@code Fields} for what they know, and {@code
 * Fields} reports the rest. What a document says is a {@link dev.weft.policy.document.Spec}. Every
 * diagnostic has a {@link dev.weft.policy.document.Code}.
 */
@NullMarked
package dev.weft.policy.document;

import org.jspecify.annotations.NullMarked;
