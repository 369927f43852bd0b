package dev.weft.server.authority;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Certificate paths whose signatures were found good by one set of roots: agents show the same
 * certificate on every connection, and a signature costs the JDK about a millisecond, many more
 * while the JVM is cold. What ends by itself, the validity of each certificate, is asked every
 * time. The longest unused is forgotten first. Thread-safe.
 */
final class ValidPaths {
  /** Of 10,000 workloads, which the registry has room for, the certificate of now and before. */
  private static final int MOST = 20_000;

  private record Span(Instant from, Instant until) {}

  private final int most;
  private final Map<String, Span> spans = new LinkedHashMap<>(16, 0.75f, true);

  ValidPaths() {
    this(MOST);
  }

  ValidPaths(int most) {
    this.most = most;
  }

  /** Whether this very path was found good, and none of its certificates has ended since. */
  boolean know(List<X509Certificate> path, Instant now) throws CertificateEncodingException {
    String digest = digest(path);
    Span span;
    synchronized (spans) {
      span = spans.get(digest);
    }
    return span != null && !now.isBefore(span.from()) && now.isBefore(span.until());
  }

  /** Notes a path that is good. */
  void add(List<X509Certificate> path) throws CertificateEncodingException {
    Instant from = Instant.MIN;
    Instant until = Instant.MAX;
    for (X509Certificate certificate : path) {
      Instant begin = certificate.getNotBefore().toInstant();
      Instant end = certificate.getNotAfter().toInstant();
      from = begin.isAfter(from) ? begin : from;
      until = end.isBefore(until) ? end : until;
    }
    String digest = digest(path);
    synchronized (spans) {
      spans.put(digest, new Span(from, until));
      if (spans.size() > most) {
        spans.remove(spans.keySet().iterator().next());
      }
    }
  }

  private static String digest(List<X509Certificate> path) throws CertificateEncodingException {
    try {
      // Each certificate says itself how long it is, so no two paths have the same bytes.
      MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
      for (X509Certificate certificate : path) {
        sha256.update(certificate.getEncoded());
      }
      return HexFormat.of().formatHex(sha256.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every JDK has it
    }
  }
}
