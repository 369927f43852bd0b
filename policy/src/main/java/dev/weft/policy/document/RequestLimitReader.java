package dev.weft.policy.document;

import dev.weft.policy.HeaderEdit;
import dev.weft.policy.RequestLimit;
import dev.weft.policy.RouteMatch;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** Reads one limit of requests of a {@code RateLimitPolicy}. */
final class RequestLimitReader {
  private static final int MOST = 10_000_000;
  private static final int TOO_MANY_REQUESTS = 429;
  private static final Duration LEAST_PERIOD = Duration.ofMillis(1);
  private static final Duration LONGEST_PERIOD = Duration.ofHours(24);

  /** Finer than this no clock tells requests apart. */
  private static final Duration LEAST_INTERVAL = Duration.ofNanos(100);

  /** A budget that takes longer to fill is no limit, and its arithmetic could overflow. */
  private static final Duration LONGEST_REFILL = Duration.ofDays(366);

  private RequestLimitReader() {}

  static RateLimitPolicySpec.Requests read(Fields fields, int index) {
    String name = fields.text("name").orElse(Integer.toString(index));
    if (!Names.isSubdomain(name)) {
      fields.problem(Code.BAD_VALUE, "name", "expected a DNS name, found \"" + name + "\"");
    }
    boolean client =
        fields.choice("side", List.of("Server", "Client")).equals(Optional.of("Client"));
    if (!fields.has("requests")) {
      fields.problem(Code.MISSING_FIELD, "field \"requests\" is missing");
    }
    int requests = fields.number("requests", 1, MOST).orElse(1);
    Duration per =
        Durations.read(fields, "per", LEAST_PERIOD, LONGEST_PERIOD).orElse(Duration.ofSeconds(1));
    int burst = fields.number("burst", 1, MOST).orElse(requests);
    check(fields, requests, per, burst);
    RequestLimit.Scope scope =
        fields.choice("scope", List.of("Local", "Mesh")).equals(Optional.of("Mesh"))
            ? RequestLimit.Scope.MESH
            : RequestLimit.Scope.LOCAL;
    List<RequestLimit.Key> keys = keys(fields, client);
    List<RouteMatch> matches =
        fields.objects("matches").stream().map(HttpMatchReader::read).toList();
    RequestLimit.Answer answer =
        fields
            .object("answer")
            .map(RequestLimitReader::answer)
            .orElse(new RequestLimit.Answer(TOO_MANY_REQUESTS, true, List.of()));
    fields.finish();
    return new RateLimitPolicySpec.Requests(
        client ? RateLimitPolicySpec.Side.CLIENT : RateLimitPolicySpec.Side.SERVER,
        new RequestLimit(name, List.of(), matches, keys, requests, per, burst, scope, answer));
  }

  /** What the cell rate algorithm reckons with: the interval, and the time of a whole burst. */
  private static void check(Fields fields, int requests, Duration per, int burst) {
    if (per.dividedBy(requests).compareTo(LEAST_INTERVAL) < 0) {
      fields.problem(
          Code.BAD_VALUE,
          "requests",
          "more than one request in " + LEAST_INTERVAL.toNanos() + " ns cannot be told apart");
    } else if (per.dividedBy(requests).compareTo(LONGEST_REFILL.dividedBy(burst)) > 0) {
      fields.problem(
          Code.BAD_VALUE,
          "burst",
          "a burst of "
              + burst
              + " takes more than "
              + LONGEST_REFILL.toDays()
              + " days to come back at this rate");
    }
  }

  private static List<RequestLimit.Key> keys(Fields fields, boolean client) {
    List<RequestLimit.Key> keys = new ArrayList<>();
    for (Fields item : fields.objects("by")) {
      String type = item.choice("type", List.of("Identity", "Route", "Header")).orElse("");
      if (!item.has("type")) {
        item.problem(Code.MISSING_FIELD, "field \"type\" is missing");
      }
      String name = type.equals("Header") ? item.requiredName("name") : "";
      if (!name.isEmpty() && !Names.isHeader(name)) {
        item.problem(Code.BAD_VALUE, "name", "cannot be the name of a header: \"" + name + "\"");
      }
      if (type.isEmpty()) {
        item.ignore("name");
      }
      if (type.equals("Identity") && client) {
        item.problem(Code.BAD_VALUE, "type", "a client has one identity; Identity is for servers");
      } else if (type.equals("Route") && !client) {
        item.problem(
            Code.BAD_VALUE, "type", "a server knows no routes; use matches, or side: Client");
      }
      item.finish();
      if (!type.isEmpty()) {
        keys.add(
            new RequestLimit.Key(
                RequestLimit.KeySource.valueOf(type.toUpperCase(Locale.ROOT)),
                name.toLowerCase(Locale.ROOT)));
      }
    }
    if (new HashSet<>(keys).size() < keys.size()) {
      fields.problem(Code.BAD_VALUE, "by", "names one thing twice");
    }
    return List.copyOf(keys);
  }

  private static RequestLimit.Answer answer(Fields fields) {
    int status = fields.number("status", 400, 599).orElse(TOO_MANY_REQUESTS);
    boolean rateLimitHeaders = fields.flag("rateLimitHeaders").orElse(true);
    List<HeaderEdit> headers = new ArrayList<>();
    Set<String> seen = new HashSet<>();
    for (Fields item : fields.objects("headers")) {
      String name = item.requiredName("name");
      String value = item.requiredText("value");
      item.finish();
      if (!name.isEmpty() && !Names.isHeader(name)) {
        item.problem(Code.BAD_VALUE, "name", "cannot be the name of a header: \"" + name + "\"");
      }
      if (!seen.add(name.toLowerCase(Locale.ROOT))) {
        item.problem(Code.BAD_VALUE, "name", "header \"" + name + "\" stands here twice");
      }
      if (!Names.isHeaderValue(value)) {
        item.problem(Code.BAD_VALUE, "value", "cannot be the value of a header");
      }
      headers.add(new HeaderEdit(HeaderEdit.Kind.SET, name, value));
    }
    fields.finish();
    return new RequestLimit.Answer(status, rateLimitHeaders, List.copyOf(headers));
  }
}
