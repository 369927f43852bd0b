package dev.weft.benchmarks.wire;

import dev.weft.benchmarks.ground.Spread;
import dev.weft.benchmarks.wire.Variant.Mesh;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * One row of the targets: a ratio between the agent and somebody else, the figure that a release
 * must reach (par) and the one that we want (ahead). Immutable.
 *
 * @param name what is compared with what
 * @param found the ratio of this run
 * @param par NaN: there is no such gate
 * @param ahead NaN: there is no such goal
 * @param better which way is better
 */
record Target(String name, Spread found, double par, double ahead, Better better) {
  /** Which way is better. */
  enum Better {
    HIGHER,
    LOWER
  }

  private static final double NONE = Double.NaN;

  /** Par for both engines, by engine. */
  private record Par(double jsse, double openssl) {
    double of(Variant agent) {
      return agent.mesh() == Mesh.OPENSSL ? openssl : jsse;
    }
  }

  /** The targets that this variant of the agent is judged by; those without figures say so. */
  static List<Target> of(Results results, Variant agent) {
    boolean netty = results.stack() == Stack.NETTY;
    List<Target> rows = new ArrayList<>();
    Variant layer4 = best(results, Variant.NGINX_TCP, Variant.HAPROXY_TCP);
    Variant layer7 = best(results, Variant.NGINX_HTTP, Variant.HAPROXY_HTTP);

    Spread rps = results.ratio(agent, Variant.JSSE, Metric.RPS);
    rows.add(
        higher(
            "1  saturation / own JSSE",
            rps,
            new Par(0.97, netty ? 1.10 : 1.03).of(agent),
            netty ? 1.25 : 1.10));
    rows.add(
        lower(
            "1  saturation CPU / own JSSE's",
            results.ratio(agent, Variant.JSSE, Metric.SATURATED_CPU),
            NONE,
            NONE));
    if (netty) {
      rows.add(
          higher(
              "2  saturation / own BoringSSL",
              results.ratio(agent, Variant.BORINGSSL, Metric.RPS),
              new Par(0.85, 0.97).of(agent),
              1.08));
    }
    rows.add(
        higher(
            "3  saturation / best TCP pair",
            results.ratio(agent, layer4, Metric.RPS),
            new Par(1.7, 1.9).of(agent),
            2.1));
    rows.add(
        higher(
            "3  saturation / best HTTP pair",
            results.ratio(agent, layer7, Metric.RPS),
            new Par(2.1, 2.3).of(agent),
            2.6));
    rows.add(
        lower(
            "4  added CPU at 1000/s / own JSSE's",
            addedRatio(results, agent, Variant.JSSE, Metric.CPU),
            new Par(1.05, 0.85).of(agent),
            0.6));
    rows.add(
        lower(
            "5  added CPU at 1000/s / best TCP pair's",
            addedRatio(results, agent, layer4, Metric.CPU),
            new Par(0.5, 0.4).of(agent),
            0.25));
    rows.add(
        lower(
            "5  added CPU at 1000/s / best HTTP pair's",
            addedRatio(results, agent, layer7, Metric.CPU),
            new Par(0.4, 0.333).of(agent),
            0.2));
    rows.add(
        lower(
            "6  added p50 at 1000/s / own JSSE's",
            addedRatio(results, agent, Variant.JSSE, Metric.P50),
            new Par(1.1, 0.8).of(agent),
            0.5));
    rows.add(
        lower(
            "6  added p50 at 1000/s / best TCP pair's",
            addedRatio(results, agent, layer4, Metric.P50),
            new Par(0.5, 0.333).of(agent),
            0.2));
    rows.add(
        higher(
            "8  new connections / own JSSE",
            results.ratio(agent, Variant.JSSE, Metric.FRESH),
            new Par(1.0, 4.0).of(agent),
            NONE));
    rows.add(
        higher(
            "8  new connections / best TCP pair",
            results.ratio(agent, layer4, Metric.FRESH),
            new Par(NONE, 2.0).of(agent),
            NONE));
    rows.add(
        higher(
            "8  new connections / plaintext",
            results.ratio(agent, Variant.PLAIN, Metric.FRESH),
            NONE,
            0.7));
    rows.add(
        higher(
            "9  bulk / own JSSE",
            results.ratio(agent, Variant.JSSE, Metric.BULK),
            new Par(0.97, 1.3).of(agent),
            1.5));
    rows.add(
        higher(
            "9  bulk / best TCP pair",
            results.ratio(agent, layer4, Metric.BULK),
            new Par(1.15, 1.6).of(agent),
            1.8));
    rows.add(
        lower(
            "9  bulk CPU / own JSSE's",
            results.ratio(agent, Variant.JSSE, Metric.BULK_CPU),
            new Par(1.03, 0.75).of(agent),
            0.6));
    rows.add(
        lower(
            "11 memory added per JVM, MB",
            results.added(agent, Metric.MEMORY).dividedBy(2),
            new Par(60, 45).of(agent),
            25));
    rows.add(
        lower(
            "12 first request, added / own JSSE's",
            addedRatio(results, agent, Variant.JSSE, Metric.FIRST),
            new Par(1.0, 0.5).of(agent),
            0.25));
    return rows;
  }

  /** Traffic that is none of the mesh's must not feel the agent. */
  static List<Target> outside(Results results) {
    Variant outside = Variant.AGENT_OUTSIDE;
    return List.of(
        higher(
            "outside the mesh: saturation / plaintext",
            results.ratio(outside, Variant.PLAIN, Metric.RPS),
            0.99,
            NONE),
        lower(
            "outside the mesh: saturation CPU / plaintext",
            results.ratio(outside, Variant.PLAIN, Metric.SATURATED_CPU),
            1.01,
            NONE),
        lower(
            "outside the mesh: p50 at 1000/s / plaintext",
            results.ratio(outside, Variant.PLAIN, Metric.P50),
            1.01,
            NONE),
        higher(
            "outside the mesh: new connections / plaintext",
            results.ratio(outside, Variant.PLAIN, Metric.FRESH),
            0.99,
            NONE),
        higher(
            "outside the mesh: bulk / plaintext",
            results.ratio(outside, Variant.PLAIN, Metric.BULK),
            0.99,
            NONE));
  }

  private static Target higher(String name, Spread found, double par, double ahead) {
    return new Target(name, found, par, ahead, Better.HIGHER);
  }

  private static Target lower(String name, Spread found, double par, double ahead) {
    return new Target(name, found, par, ahead, Better.LOWER);
  }

  /** Of the two the one with more requests per second: the stricter peer. */
  private static Variant best(Results results, Variant one, Variant other) {
    double first = results.of(one, Metric.RPS).median();
    double second = results.of(other, Metric.RPS).median();
    return second > first || Double.isNaN(first) ? other : one;
  }

  /** What we add to plaintext, in units of what the other adds. */
  private static Spread addedRatio(Results results, Variant agent, Variant other, Metric metric) {
    double theirs = results.added(other, metric).median();
    // Nothing to be a share of; a noisy machine can even make it negative.
    return theirs > 0 ? results.added(agent, metric).dividedBy(theirs) : Spread.NONE;
  }

  /**
   * {@code ahead}, {@code par}, {@code missed}, or {@code not measured}; with a question mark where
   * rounds lie on both sides of the limit that decides.
   */
  String verdict() {
    if (!found.known()) {
      return "not measured";
    }
    if (reaches(ahead)) {
      return "ahead" + doubt(ahead);
    }
    if (Double.isNaN(par)) {
      return "no gate";
    }
    return reaches(par) ? "par" + doubt(par) : "missed" + doubt(par);
  }

  private boolean reaches(double limit) {
    return better == Better.HIGHER ? found.median() >= limit : found.median() <= limit;
  }

  private String doubt(double limit) {
    return found.straddles(limit) ? "?" : "";
  }

  /** A limit as the table shows it. */
  String limit(double limit) {
    if (Double.isNaN(limit)) {
      return "-";
    }
    return (better == Better.HIGHER ? ">= " : "<= ") + String.format(Locale.ROOT, "%.2f", limit);
  }
}
