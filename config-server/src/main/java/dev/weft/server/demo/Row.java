package dev.weft.server.demo;

/**
 * One line of the table. Immutable.
 *
 * @param claim what the mesh promises
 * @param observed what was seen, with numbers
 * @param held whether that is what was promised
 */
public record Row(String claim, String observed, boolean held) {}
