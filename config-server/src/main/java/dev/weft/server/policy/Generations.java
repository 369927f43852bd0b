package dev.weft.server.policy;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.weft.policy.document.SourceFile;
import dev.weft.server.log.Log;
import dev.weft.server.protocol.Json;
import dev.weft.server.protocol.Refusal;
import dev.weft.server.state.StateFolder;
import java.io.IOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * Counts the changes of the policy folder, over restarts: so that somebody notices when older
 * documents or an older state folder come back. Agents tell which generation they have seen; where
 * that is more than is known here, the count goes on behind theirs, and {@link #setBack} says so.
 * Thread-safe.
 */
public final class Generations {
  private static final String FILE = "policy/generation.json";
  private static final int REMEMBERED = 50;

  /** No folder ever changed so often: what agents tell of beyond that is not believed. */
  private static final long MOST = 1L << 40;

  private final StateFolder state;
  private final InstantSource clock;
  private final Log log;
  private final List<Past> history = new ArrayList<>();
  private Generation now;
  private boolean unsaved;
  private boolean failing;
  private Optional<Past> sameAs = Optional.empty();
  private Optional<SetBack> setBack = Optional.empty();

  /** What the folder held when. */
  public record Past(long number, String content, Instant since) {}

  /**
   * Agents had seen more than the state folder knew of.
   *
   * @param seen the highest generation that an agent told of
   * @param known the generation that was known here
   */
  public record SetBack(long seen, long known) {}

  private Generations(StateFolder state, InstantSource clock, Log log, Generation now) {
    this.state = state;
    this.clock = clock;
    this.log = log;
    this.now = now;
  }

  /**
   * Goes on where the server before stopped. A damaged file begins a new epoch: nothing hangs on it
   * but what people are told.
   */
  public static Generations open(StateFolder state, InstantSource clock, Log log)
      throws IOException {
    Optional<byte[]> content = state.read(FILE);
    Generations opened =
        new Generations(state, clock, log, new Generation(UUID.randomUUID().toString(), 0));
    if (content.isPresent()) {
      try {
        opened.load(Json.object(content.get()));
      } catch (Refusal | RuntimeException e) {
        log.warn("state file " + FILE + " is damaged, a new epoch begins: " + e.getMessage());
      }
    }
    return opened;
  }

  private void load(Map<String, Object> tree) {
    List<Past> read = new ArrayList<>();
    if (tree.get("history") instanceof List<?> entries) {
      for (Object entry : entries) {
        if (entry instanceof Map<?, ?> past) {
          read.add(
              new Past(
                  Long.parseLong(String.valueOf(past.get("generation"))),
                  String.valueOf(past.get("content")),
                  Instant.parse(String.valueOf(past.get("since")))));
        }
      }
    }
    now =
        new Generation(
            String.valueOf(tree.get("epoch")),
            Long.parseLong(String.valueOf(tree.get("generation"))));
    history.addAll(read);
  }

  /** The generation of what the folder holds now; one more if it held something else before. */
  synchronized Generation of(Collection<SourceFile> files) {
    String content = hash(files);
    if (now.number() > 0 && !history.isEmpty() && last().content().equals(content)) {
      return now;
    }
    sameAs = history.stream().filter(past -> past.content().equals(content)).reduce((a, b) -> b);
    sameAs.ifPresent(
        past ->
            log.warn(
                "policy is as it was before generation="
                    + (now.number() + 1)
                    + " equals="
                    + past.number()
                    + " of="
                    + past.since()));
    now = new Generation(now.epoch(), now.number() + 1);
    history.add(new Past(now.number(), content, clock.instant()));
    if (history.size() > REMEMBERED) {
      history.remove(0);
    }
    unsaved = true;
    save();
    return now;
  }

  /**
   * An agent has seen this generation. True when that moved the count, so that everybody must be
   * told of the new number.
   */
  public synchronized boolean seen(Generation seen) {
    if (!seen.epoch().equals(now.epoch())
        || seen.number() <= now.number()
        || seen.number() > MOST) {
      return false;
    }
    setBack = Optional.of(new SetBack(seen.number(), now.number()));
    log.error(
        "policy was set back: an agent has seen generation="
            + seen.number()
            + ", the state folder knew of "
            + now.number()
            + "; was it restored from a backup? What the policy folder holds now is in force as"
            + " generation="
            + (seen.number() + 1));
    now = new Generation(now.epoch(), seen.number() + 1);
    if (!history.isEmpty()) {
      history.add(new Past(now.number(), last().content(), clock.instant()));
    }
    unsaved = true;
    save();
    return true;
  }

  private Past last() {
    return history.get(history.size() - 1);
  }

  /** Saves what could not be saved before, because the disk was full, say; else without effect. */
  synchronized void save() {
    if (!unsaved) {
      return;
    }
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put("epoch", now.epoch());
    tree.put("generation", now.number());
    tree.put(
        "history",
        history.stream()
            .map(
                past ->
                    Map.of(
                        "generation", past.number(),
                        "content", past.content(),
                        "since", past.since().toString()))
            .toList());
    try {
      state.write(FILE, Json.bytes(tree));
      unsaved = false;
      if (failing) {
        failing = false;
        log.info("policy generation is saved again");
      }
    } catch (IOException e) {
      if (!failing) {
        failing = true;
        log.error("policy generation not saved, a restart may count it twice: " + e.getMessage());
      }
    }
  }

  private static String hash(Collection<SourceFile> files) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      for (SourceFile file : files) {
        digest.update((file.name() + "\n" + file.bytes().length + "\n").getBytes(UTF_8));
        digest.update(file.bytes());
      }
      return HexFormat.of().formatHex(digest.digest(), 0, 8);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  /** What is in force, or about to be. */
  public synchronized Generation now() {
    return now;
  }

  /** The earlier generation whose files the folder holds again; empty: they are new. */
  public synchronized Optional<Past> sameAs() {
    return sameAs;
  }

  /** Whether agents had seen more than this state folder knew of, since the start. */
  public synchronized Optional<SetBack> setBack() {
    return setBack;
  }
}
