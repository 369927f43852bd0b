package app.chaos;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Bodies that tell when they were cut, mixed up, or meant for somebody else. Everything follows
 * from the request's id: how much filling there is, and every letter of it.
 */
public final class Proof {
  private static final int SMALL = 500;
  private static final int LARGE = 24_000;

  private Proof() {}

  /** The body of a request that has one. */
  static String request(String request) {
    return filling("request " + request);
  }

  /**
   * The body of an answer.
   *
   * @param hops the answering one first, then those that it asked
   */
  static String answer(List<Hop> hops) {
    StringBuilder text = new StringBuilder();
    hops.forEach(hop -> text.append(hop.line()).append('\n'));
    text.append('\n').append(filling(hops.get(0).line())).append('\n');
    return text.append(digest(text.toString())).toString();
  }

  /**
   * Reads an answer.
   *
   * @return its hops
   * @throws IllegalArgumentException when it is not the whole answer of this service to this call
   */
  static List<Hop> read(String answer, String service, String method, String request, String call) {
    List<Hop> hops = new ArrayList<>();
    for (String line : answer.split("\n", -1)) {
      if (line.isEmpty()) {
        break;
      }
      hops.add(Hop.parse(line));
    }
    if (hops.isEmpty() || !answer.equals(answer(hops))) {
      throw new IllegalArgumentException("cut or changed: " + answer.length() + " letters");
    }
    Hop first = hops.get(0);
    if (!first.equals(new Hop(service, first.instance(), first.version(), method, request, call))) {
      throw new IllegalArgumentException("somebody else's: " + first.line());
    }
    if (!hops.stream().allMatch(hop -> hop.request().equals(request))) {
      throw new IllegalArgumentException("parts of another request: " + hops);
    }
    return hops;
  }

  private static String filling(String seed) {
    SplittableRandom dice = new SplittableRandom(seed.hashCode());
    int length = dice.nextInt(dice.nextInt(4) == 0 ? LARGE : SMALL);
    StringBuilder text = new StringBuilder(length);
    for (int i = 0; i < length; i++) {
      text.append((char) ('a' + dice.nextInt(26)));
    }
    return text.toString();
  }

  private static String digest(String text) {
    try {
      byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every JDK has it
    }
  }
}
