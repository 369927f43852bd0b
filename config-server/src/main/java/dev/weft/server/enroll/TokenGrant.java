package dev.weft.server.enroll;

import dev.weft.policy.SpiffeId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * What a join token grants, as the server keeps it. Immutable.
 *
 * @param id of the token
 * @param secretHash SHA-256 of the secret's text, in hex
 * @param service the only service it may be used for
 * @param labels the only value that the workload may have for each of these labels
 * @param created ISO-8601
 * @param expires ISO-8601
 * @param uses how many certificates it was made for
 * @param remaining how many it still gives
 * @param revoked whether an operator withdrew it
 * @param keys fingerprints of the last keys certified with it, newest last
 */
public record TokenGrant(
    String id,
    String secretHash,
    String service,
    String namespace,
    String serviceAccount,
    Map<String, String> labels,
    String created,
    String expires,
    int uses,
    int remaining,
    boolean revoked,
    List<String> keys) {

  private static final int KEYS_KEPT = 16;

  /** The identity that it grants. */
  public SpiffeId spiffeId(String trustDomain) {
    return new SpiffeId(trustDomain, namespace, serviceAccount);
  }

  TokenGrant usedFor(String key) {
    List<String> all = new ArrayList<>(keys);
    all.add(key);
    List<String> kept = all.subList(Math.max(0, all.size() - KEYS_KEPT), all.size());
    return with(remaining - 1, revoked, List.copyOf(kept));
  }

  TokenGrant withdrawn() {
    return with(remaining, true, keys);
  }

  private TokenGrant with(int nowRemaining, boolean nowRevoked, List<String> nowKeys) {
    return new TokenGrant(
        id,
        secretHash,
        service,
        namespace,
        serviceAccount,
        labels,
        created,
        expires,
        uses,
        nowRemaining,
        nowRevoked,
        nowKeys);
  }
}
