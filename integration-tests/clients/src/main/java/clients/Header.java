package clients;

import java.io.Serializable;

/**
 * One line of a message's head.
 *
 * @param name in the case that was written, or that the library shows
 */
public record Header(String name, String value) implements Serializable {}
