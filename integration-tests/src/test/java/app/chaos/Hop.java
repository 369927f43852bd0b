package app.chaos;

/**
 * One service's part in the answer to a request.
 *
 * @param instance which of its processes, with the number of its start
 * @param version label of the instance
 * @param request the id that the customer chose
 * @param call the id that the caller chose for this call of this service
 */
public record Hop(
    String service, String instance, String version, String method, String request, String call) {
  private static final int WORDS = 6;

  /** One line. */
  String line() {
    return String.join(" ", service, instance, version, method, request, call);
  }

  static Hop parse(String line) {
    String[] words = line.split(" ", -1);
    if (words.length != WORDS) {
      throw new IllegalArgumentException("no hop: " + line);
    }
    return new Hop(words[0], words[1], words[2], words[3], words[4], words[5]);
  }
}
