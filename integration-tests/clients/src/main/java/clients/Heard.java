package clients;

/**
 * So much of a response has reached the application.
 *
 * @param bytes of the body; 0: the head
 */
public record Heard(long id, long bytes) implements Message {}
