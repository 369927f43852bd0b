package dev.weft.agent.identity;

import java.security.cert.X509Certificate;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Chains whose signatures have been found to end in the trust bundle: verifying them again costs a
 * millisecond with the JDK's elliptic curves and cannot come out differently. What ages or depends
 * on the connection (validity, usage, trust domain, expected ID) is no business of this cache.
 *
 * <p>Holds one bundle's chains, at most {@value #LIMIT}, the least recently met go first; another
 * bundle starts anew. Only proven chains come in, so a stranger cannot push others out.
 * Thread-safe.
 */
final class ProvenPaths {
  private static final int LIMIT = 1024;

  private final ReentrantLock lock = new ReentrantLock();
  private List<X509Certificate> bundle = List.of();
  private final Map<List<X509Certificate>, Boolean> proven =
      new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<List<X509Certificate>, Boolean> eldest) {
          return size() > LIMIT;
        }
      };

  boolean contains(List<X509Certificate> chain, List<X509Certificate> roots) {
    lock.lock();
    try {
      return bundle.equals(roots) && proven.get(chain) != null;
    } finally {
      lock.unlock();
    }
  }

  void add(List<X509Certificate> chain, List<X509Certificate> roots) {
    lock.lock();
    try {
      if (!bundle.equals(roots)) {
        proven.clear();
        bundle = roots;
      }
      proven.put(chain, Boolean.TRUE);
    } finally {
      lock.unlock();
    }
  }
}
