package dev.weft.policy.document;

import java.util.List;

/**
 * What became of one document. Immutable.
 *
 * @param namespace empty for kinds without namespace, and when the document could not be read
 * @param name empty when the document could not be read
 * @param file the file it was last seen in
 * @param accepted whether the text that is in the file now is in force
 * @param stale whether an older, good version is in force because the text of now is broken
 * @param messages the diagnostics of this document, in order of place
 */
public record DocumentStatus(
    String kind,
    String namespace,
    String name,
    String file,
    boolean accepted,
    boolean stale,
    List<String> messages) {}
