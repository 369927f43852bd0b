package dev.weft.policy.document;

import dev.weft.policy.TrafficPolicy.Algorithm;
import dev.weft.policy.TrafficPolicy.HashKey;
import dev.weft.policy.TrafficPolicy.HashSource;
import dev.weft.policy.TrafficPolicy.LoadBalancing;
import dev.weft.policy.TrafficPolicy.LocalityBalancing;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Reads how endpoints are chosen, as {@code ResiliencePolicy} and {@code MeshConfig} say it. */
final class BalancingReader {
  private static final int LARGEST_TABLE = 8_388_608;
  private static final Duration SECOND = Duration.ofSeconds(1);
  private static final Duration DAY = Duration.ofHours(24);

  private static final Map<String, Algorithm> ALGORITHMS =
      Map.of(
          "PeakEwma", Algorithm.PEAK_EWMA,
          "RoundRobin", Algorithm.ROUND_ROBIN,
          "LeastRequest", Algorithm.LEAST_REQUEST,
          "Random", Algorithm.RANDOM,
          "RingHash", Algorithm.RING_HASH,
          "Maglev", Algorithm.MAGLEV);

  private static final List<String> WORDS =
      List.of("PeakEwma", "RoundRobin", "LeastRequest", "Random", "RingHash", "Maglev");

  private BalancingReader() {}

  static Optional<LoadBalancing> read(Fields owner) {
    Optional<Fields> found = owner.object("balancing");
    if (found.isEmpty()) {
      return Optional.empty();
    }
    Fields fields = found.get();
    if (!fields.has("algorithm")) {
      fields.problem(Code.MISSING_FIELD, "field \"algorithm\" is missing");
    }
    Optional<String> word = fields.choice("algorithm", WORDS);
    Algorithm algorithm = word.map(ALGORITHMS::get).orElse(Algorithm.PEAK_EWMA);
    boolean hashes = algorithm == Algorithm.RING_HASH || algorithm == Algorithm.MAGLEV;
    Optional<HashKey> hash = fields.object("hash").map(BalancingReader::hash);
    Optional<Integer> tableSize = fields.number("tableSize", 1, LARGEST_TABLE);
    Optional<Integer> choices = fields.number("choices", 2, 100);
    Optional<Duration> slowStart = Durations.read(fields, "slowStart", SECOND, DAY);
    Optional<LocalityBalancing> locality = fields.object("locality").map(BalancingReader::locality);
    if (word.isPresent()) {
      if (hashes && !fields.has("hash")) {
        fields.problem(Code.MISSING_FIELD, word.get() + " needs hash: what shall be hashed");
      }
      only(fields, "hash", hashes, "RingHash and Maglev hash");
      only(fields, "tableSize", hashes, "RingHash and Maglev have a table");
      only(
          fields,
          "choices",
          algorithm == Algorithm.LEAST_REQUEST,
          "LeastRequest compares several choices");
    }
    fields.finish();
    return Optional.of(new LoadBalancing(algorithm, hash, tableSize, choices, slowStart, locality));
  }

  private static void only(Fields fields, String name, boolean fits, String who) {
    if (fields.has(name) && !fits) {
      fields.problem(Code.BAD_VALUE, name, "only " + who);
    }
  }

  private static HashKey hash(Fields fields) {
    if (!fields.has("type")) {
      fields.problem(Code.MISSING_FIELD, "field \"type\" is missing");
    }
    Optional<String> type =
        fields.choice("type", List.of("Header", "Cookie", "QueryParam", "Source"));
    boolean cookie = type.equals(Optional.of("Cookie"));
    boolean source = type.equals(Optional.of("Source"));
    String name = source ? "" : fields.requiredName("name");
    Optional<Duration> ttl = Durations.read(fields, "ttl", Duration.ZERO, Duration.ofDays(365));
    Optional<String> path = fields.text("path");
    if (!source && !name.isEmpty() && !Names.isHeader(name)) {
      fields.problem(Code.BAD_VALUE, "name", "cannot be a name: \"" + name + "\"");
    }
    only(fields, "ttl", cookie || type.isEmpty(), "a cookie has one");
    only(fields, "path", cookie || type.isEmpty(), "a cookie has one");
    fields.finish();
    HashSource where =
        type.map(word -> word.equals("QueryParam") ? "QUERY" : word.toUpperCase(Locale.ROOT))
            .map(HashSource::valueOf)
            .orElse(HashSource.SOURCE);
    return new HashKey(where, name, ttl, path);
  }

  private static LocalityBalancing locality(Fields fields) {
    boolean enabled = fields.flag("enabled").orElse(true);
    Map<String, String> failover = fields.textMap("failover");
    List<String> priority =
        fields.texts("failoverPriority").stream().map(Fields.Text::value).toList();
    fields.finish();
    return new LocalityBalancing(enabled, Map.of(), Map.copyOf(failover), priority);
  }
}
