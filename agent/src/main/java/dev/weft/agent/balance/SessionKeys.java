package dev.weft.agent.balance;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * The keys of sessions. A key names an endpoint by a tag that tells nothing of its address, and can
 * select only among the endpoints at hand: no address is ever taken from it. All agents of a mesh
 * read each other's keys, because they are made with what all of them know and outsiders mostly do
 * not: the mesh's root certificates. During a change of roots, keys by any root are read and keys
 * by the newest are made. Immutable; thread-safe.
 *
 * <p>A key is base64url of tag (12 bytes), begin and last use (4 bytes each, seconds since 1970),
 * and a code of authentication (12 bytes) over these and the service. Whoever knows the roots could
 * forge one; he would choose his own endpoint, which is all that a key is good for.
 */
final class SessionKeys {
  private static final int TAG = 12;
  private static final int DATED = TAG + 8;
  private static final int LENGTH = DATED + TAG;
  private static final String ALGORITHM = "HmacSHA256";

  private final String trustDomain;
  private final List<String> roots;
  private final List<SecretKeySpec> secrets = new ArrayList<>();

  /** By roots in PEM, the newest last; without any, by the trust domain alone. */
  SessionKeys(String trustDomain, List<String> roots) {
    this.trustDomain = trustDomain;
    this.roots = roots;
    for (String root : roots.isEmpty() ? List.of("") : roots) {
      byte[] secret =
          ("session keys of " + trustDomain + "\n" + root).getBytes(StandardCharsets.UTF_8);
      secrets.add(new SecretKeySpec(secret, ALGORITHM));
    }
  }

  boolean madeBy(String domain, List<String> others) {
    return trustDomain.equals(domain) && roots.equals(others);
  }

  /**
   * What a key says.
   *
   * @param member null: the endpoint is not there
   * @param begun seconds since 1970
   * @param used seconds since 1970
   * @param newest whether it was made with the newest root
   */
  record Session(@Nullable Member member, long begun, long used, boolean newest) {

    /** Whether it has ended; null timeouts never come. */
    boolean over(Optional<Duration> absolute, Optional<Duration> idle, long now) {
      return absolute.map(limit -> now - begun >= limit.toSeconds()).orElse(false)
          || idle.map(limit -> now - used >= limit.toSeconds()).orElse(false);
    }
  }

  /** The endpoints of a list by their tags. */
  record Index(SessionKeys keys, String service, List<Map<ByteBuffer, Member>> bySecret) {

    /** What a text says; null: nothing, or of another service. */
    @Nullable Session read(String text) {
      byte[] key = decoded(text);
      if (key == null || key.length != LENGTH) {
        return null;
      }
      byte[] dated = Arrays.copyOf(key, DATED);
      byte[] code = Arrays.copyOfRange(key, DATED, LENGTH);
      for (int i = 0; i < bySecret.size(); i++) {
        if (MessageDigest.isEqual(code, keys.code(i, service, dated))) {
          Member member = bySecret.get(i).get(ByteBuffer.wrap(key, 0, TAG));
          ByteBuffer times = ByteBuffer.wrap(key, TAG, DATED - TAG);
          long begun = Integer.toUnsignedLong(times.getInt());
          long used = Integer.toUnsignedLong(times.getInt());
          return new Session(member, begun, used, i == bySecret.size() - 1);
        }
      }
      return null;
    }

    /** The key of a session with an endpoint. */
    String write(Member member, long begun, long used) {
      int newest = bySecret.size() - 1;
      ByteBuffer key = ByteBuffer.allocate(LENGTH);
      key.put(keys.tag(newest, service, member)).putInt((int) begun).putInt((int) used);
      key.put(keys.code(newest, service, Arrays.copyOf(key.array(), DATED)));
      return Base64.getUrlEncoder().withoutPadding().encodeToString(key.array());
    }
  }

  /** Prepares to read keys of a service with these endpoints. */
  Index index(String service, List<Member> members) {
    List<Map<ByteBuffer, Member>> bySecret = new ArrayList<>();
    for (int i = 0; i < secrets.size(); i++) {
      Map<ByteBuffer, Member> byTag = new HashMap<>();
      for (Member member : members) {
        byTag.put(ByteBuffer.wrap(tag(i, service, member)), member);
      }
      bySecret.add(Map.copyOf(byTag));
    }
    return new Index(this, service, List.copyOf(bySecret));
  }

  private byte[] tag(int secret, String service, Member member) {
    return code(
        secret, "endpoint of " + service, member.identity().getBytes(StandardCharsets.UTF_8));
  }

  private byte[] code(int secret, String purpose, byte[] data) {
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(secrets.get(secret));
      mac.update(purpose.getBytes(StandardCharsets.UTF_8));
      mac.update((byte) 0);
      return Arrays.copyOf(mac.doFinal(data), TAG);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has " + ALGORITHM, e);
    }
  }

  private static byte @Nullable [] decoded(String text) {
    try {
      return Base64.getUrlDecoder().decode(text);
    } catch (IllegalArgumentException e) {
      return null; // anything may stand in a cookie
    }
  }
}
