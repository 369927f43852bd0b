package clients;

import java.util.List;
import java.util.Optional;

/**
 * What became of a request, as the library showed it.
 *
 * @param status 0: no response
 * @param protocol in the library's words, {@code HTTP/1.1} or {@code h2}; empty: it does not say
 * @param uri of the request that was answered, in the library's words; empty: it does not say
 * @param headers in the library's order and case
 * @param text the first 64 KiB of the body, read as ISO 8859-1
 * @param length of the whole body
 * @param digest SHA-256 of the whole body, in hex
 * @param failures what was thrown and its causes, outermost first; none: nothing was
 */
public record Outcome(
    long id,
    int status,
    String protocol,
    String uri,
    List<Header> headers,
    String text,
    long length,
    String digest,
    List<Failure> failures)
    implements Message {
  /** A response without body so far. */
  static Outcome of(long id, int status, String protocol, String uri, List<Header> headers) {
    return new Outcome(id, status, protocol, uri, List.copyOf(headers), "", 0, "", List.of());
  }

  /** The same with what was thrown. */
  Outcome failed(Throwable failure) {
    return new Outcome(
        id, status, protocol, uri, headers, text, length, digest, Failure.chain(failure));
  }

  /** The same with a body. */
  Outcome with(String first, long bytes, String sha256) {
    return new Outcome(id, status, protocol, uri, headers, first, bytes, sha256, failures);
  }

  /** The values of a header, in order. */
  public List<String> values(String name) {
    return headers.stream()
        .filter(header -> header.name().equalsIgnoreCase(name))
        .map(Header::value)
        .toList();
  }

  /** The first value of a header. */
  public Optional<String> value(String name) {
    return values(name).stream().findFirst();
  }

  @Override
  public String toString() {
    return status
        + " "
        + headers
        + " \""
        + text.substring(0, Math.min(200, text.length()))
        + "\" "
        + length
        + " bytes, failures "
        + failures;
  }
}
