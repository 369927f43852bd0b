package dev.weft.policy.document;

import dev.weft.policy.TrafficPolicy.Algorithm;
import dev.weft.policy.TrafficPolicy.HashKey;
import dev.weft.policy.TrafficPolicy.HashSource;
import dev.weft.policy.TrafficPolicy.LoadBalancing;
import dev.weft.policy.TrafficPolicy.LocalityBalancing;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads the {@code loadBalancer} of a traffic policy. */
final class LoadBalancerReader {
  private static final int MOST_ENTRIES = 8_388_608;
  private static final int MOST_OF_MAGLEV = 5_000_011;
  private static final int WHOLE = 100;
  private static final List<String> SIMPLE =
      List.of("UNSPECIFIED", "LEAST_REQUEST", "LEAST_CONN", "ROUND_ROBIN", "RANDOM", "PASSTHROUGH");

  private LoadBalancerReader() {}

  static Optional<LoadBalancing> read(Fields fields) {
    Optional<String> simple = fields.choice("simple", SIMPLE);
    Optional<Fields> hash = fields.object("consistentHash");
    Optional<LocalityBalancing> locality =
        fields.object("localityLbSetting").map(LoadBalancerReader::locality);
    Optional<Duration> slowStart = slowStart(fields);
    fields.finish();
    if (fields.has("simple") && fields.has("consistentHash")) {
      fields.problem(Code.BAD_VALUE, "simple and consistentHash exclude each other");
    }
    if (hash.isPresent()) {
      return Optional.of(hashed(hash.get(), slowStart, locality));
    }
    Algorithm algorithm =
        switch (simple.orElse("UNSPECIFIED")) {
          case "LEAST_REQUEST", "LEAST_CONN" -> Algorithm.LEAST_REQUEST;
          case "ROUND_ROBIN" -> Algorithm.ROUND_ROBIN;
          case "RANDOM" -> Algorithm.RANDOM;
          case "PASSTHROUGH" -> Algorithm.PASSTHROUGH;
          default -> Algorithm.PEAK_EWMA;
        };
    return Optional.of(
        new LoadBalancing(
            algorithm, Optional.empty(), Optional.empty(), Optional.empty(), slowStart, locality));
  }

  private static Optional<Duration> slowStart(Fields fields) {
    Optional<Duration> older = IstioFields.duration(fields, "warmupDurationSecs");
    Optional<Fields> warmup = fields.object("warmup");
    if (warmup.isEmpty()) {
      return older;
    }
    Optional<Duration> duration = IstioFields.duration(warmup.get(), "duration");
    warmup.get().notEnforced("minimumPercent", "aggression");
    warmup.get().finish();
    return duration.or(() -> older);
  }

  private static LoadBalancing hashed(
      Fields fields, Optional<Duration> slowStart, Optional<LocalityBalancing> locality) {
    List<HashKey> keys = new ArrayList<>();
    fields.text("httpHeaderName").ifPresent(name -> keys.add(key(HashSource.HEADER, name)));
    fields.text("httpQueryParameterName").ifPresent(name -> keys.add(key(HashSource.QUERY, name)));
    if (fields.flag("useSourceIp").orElse(false)) {
      keys.add(key(HashSource.SOURCE, ""));
    }
    fields.object("httpCookie").ifPresent(cookie -> keys.add(cookie(cookie)));
    Optional<Integer> size = fields.number("minimumRingSize", 0, MOST_ENTRIES);
    Optional<Fields> ring = fields.object("ringHash");
    if (ring.isPresent()) {
      size = ring.get().number("minimumRingSize", 0, MOST_ENTRIES);
      ring.get().finish();
    }
    Optional<Fields> maglev = fields.object("maglev");
    if (maglev.isPresent()) {
      size = maglev.get().number("tableSize", 1, MOST_OF_MAGLEV);
      maglev.get().finish();
    }
    fields.finish();
    if (keys.size() != 1) {
      fields.problem(
          Code.BAD_VALUE,
          "expected one of httpHeaderName, httpCookie, useSourceIp, httpQueryParameterName");
    }
    if (ring.isPresent() && maglev.isPresent()) {
      fields.problem(Code.BAD_VALUE, "ringHash and maglev exclude each other");
    }
    return new LoadBalancing(
        maglev.isPresent() ? Algorithm.MAGLEV : Algorithm.RING_HASH,
        keys.stream().findFirst(),
        size.filter(entries -> entries > 0),
        Optional.empty(),
        slowStart,
        locality);
  }

  private static HashKey key(HashSource source, String name) {
    return new HashKey(source, name, Optional.empty(), Optional.empty());
  }

  /** Istio makes a cookie where there is none if the document says how long it lives. */
  private static HashKey cookie(Fields fields) {
    String name = fields.requiredText("name");
    Optional<String> path = fields.text("path");
    Optional<Duration> ttl = IstioFields.durationOrZero(fields, "ttl");
    fields.notEnforced("attributes");
    fields.finish();
    return new HashKey(HashSource.COOKIE, name, ttl, path);
  }

  private static LocalityBalancing locality(Fields fields) {
    Map<String, Map<String, Integer>> distribute = new LinkedHashMap<>();
    for (Fields item : fields.objects("distribute")) {
      String from = item.requiredText("from");
      Map<String, Integer> to = shares(item);
      item.finish();
      if (to.values().stream().mapToInt(Integer::intValue).sum() != WHOLE) {
        item.problem(Code.BAD_VALUE, "to", "the shares do not add up to 100");
      }
      if (distribute.put(from, to) != null) {
        item.problem(Code.BAD_VALUE, "from", "\"" + from + "\" stands here twice");
      }
    }
    Map<String, String> failover = new LinkedHashMap<>();
    for (Fields item : fields.objects("failover")) {
      String from = item.requiredText("from");
      String to = item.requiredText("to");
      item.finish();
      if (!from.isEmpty() && from.equals(to)) {
        item.problem(Code.BAD_VALUE, "to", "\"" + to + "\" cannot stand in for itself");
      }
      failover.put(from, to);
    }
    List<String> priority =
        fields.texts("failoverPriority").stream().map(Fields.Text::value).toList();
    boolean enabled = fields.flag("enabled").orElse(true);
    fields.finish();
    if (!distribute.isEmpty() && (!failover.isEmpty() || !priority.isEmpty())) {
      fields.problem(Code.BAD_VALUE, "distribute and failover exclude each other");
    }
    return new LocalityBalancing(enabled, Map.copyOf(distribute), Map.copyOf(failover), priority);
  }

  private static Map<String, Integer> shares(Fields item) {
    Map<String, Integer> shares = new LinkedHashMap<>();
    Optional<Fields> to = item.object("to");
    if (to.isEmpty()) {
      item.problem(Code.MISSING_FIELD, "field \"to\" is missing");
      return shares;
    }
    for (String locality : to.get().names()) {
      to.get().number(locality, 0, WHOLE).ifPresent(share -> shares.put(locality, share));
    }
    return Map.copyOf(shares);
  }
}
