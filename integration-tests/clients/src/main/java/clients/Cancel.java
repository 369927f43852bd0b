package clients;

/**
 * The application gives a request up, by the library's own means.
 *
 * @param id the order's
 */
public record Cancel(long id) implements Command {}
