package dev.weft.server.registry;

import dev.weft.policy.SpiffeId;
import dev.weft.policy.compile.Workload;
import dev.weft.policy.tree.Trees;
import dev.weft.server.authority.Pem;
import dev.weft.server.authority.Svid;
import dev.weft.server.log.Log;
import dev.weft.server.protocol.Json;
import dev.weft.server.protocol.Refusal;
import dev.weft.server.state.StateFolder;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;

/**
 * The registry's memory in the state folder, so that the first agent to reconnect to a restarted
 * server does not hear of a mesh without endpoints. A change is written at once, on a thread of its
 * own, and further ones at most once per interval. The file is a line with the SHA-256 of the rest,
 * and JSON. What is in it is a start, not a truth: agents come back and say who they are.
 * Thread-safe.
 */
public final class RegistryStore implements AutoCloseable {
  /** Most often that the file is written. */
  public static final Duration EVERY = Duration.ofSeconds(1);

  /** How long the end waits for a write that is under way. */
  private static final Duration FAREWELL = Duration.ofSeconds(2);

  static final String FILE = "registry.state";

  /** What 10,000 workloads of the usual size need, three times. */
  private static final int MAX_BYTES = 64 << 20;

  private final StateFolder state;
  private final Supplier<List<Remembered>> registrations;
  private final Duration every;
  private final Log log;
  private final ScheduledThreadPoolExecutor writer;
  private final AtomicBoolean due = new AtomicBoolean();
  private volatile long writtenAt;
  private boolean failing; // confined to the writer

  /**
   * A registration as it stands in the file.
   *
   * @param absentMillis empty: it is connected
   */
  private record Kept(
      String instance,
      String certificate,
      String remote,
      String since,
      Workload workload,
      Optional<Long> absentMillis) {}

  private record File(List<Kept> registrations) {}

  /** A store that writes nothing until something changes. */
  public RegistryStore(
      StateFolder state, Supplier<List<Remembered>> registrations, Duration every, Log log) {
    this.state = state;
    this.registrations = registrations;
    this.every = every;
    this.log = log;
    this.writtenAt = System.nanoTime() - every.toNanos();
    this.writer =
        new ScheduledThreadPoolExecutor(1, new DefaultThreadFactory("weft-registry", true));
    writer.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
  }

  /**
   * Who was there, in order of arrival; nobody when there is no file, or one that cannot be
   * believed, which is said.
   */
  public static List<Remembered> read(StateFolder state, String trustDomain, Log log) {
    try {
      Path file = state.path().resolve(FILE);
      if (!Files.exists(file)) {
        return List.of();
      }
      if (Files.size(file) > MAX_BYTES) {
        throw new IOException("it is larger than " + MAX_BYTES + " bytes");
      }
      List<Remembered> read = new ArrayList<>();
      for (Kept kept : content(state.read(FILE).orElse(new byte[0])).registrations()) {
        Registration registration = registration(kept);
        if (registration.svid().spiffeId().trustDomain().equals(trustDomain)) {
          Duration absent = Duration.ofMillis(kept.absentMillis().orElse(0L));
          read.add(new Remembered(registration, absent));
        }
      }
      return read;
    } catch (IOException | RuntimeException e) {
      log.error(
          "registry state "
              + FILE
              + " is damaged and ignored, workloads are back when their agents are: "
              + e.getMessage());
      return List.of();
    }
  }

  private static File content(byte[] bytes) throws IOException {
    int end = 0;
    while (end < bytes.length && bytes[end] != '\n') {
      end++;
    }
    byte[] tree = Arrays.copyOfRange(bytes, Math.min(end + 1, bytes.length), bytes.length);
    if (!new String(bytes, 0, end, StandardCharsets.US_ASCII).equals(digest(tree))) {
      throw new IOException("its checksum does not fit");
    }
    try {
      return Json.record(Json.object(tree), File.class);
    } catch (Refusal e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  private static Registration registration(Kept kept) throws IOException {
    Svid svid =
        new Svid(
            SpiffeId.parse(kept.workload().spiffeId()),
            Pem.certificates(kept.certificate()).get(0));
    return new Registration(
        UUID.fromString(kept.instance()),
        svid,
        kept.remote(),
        kept.workload(),
        Instant.parse(kept.since()));
  }

  /** Writes soon. Returns at once. */
  public void changed() {
    if (due.compareAndSet(false, true)) {
      long wait = Math.max(0, every.toNanos() - (System.nanoTime() - writtenAt));
      try {
        Future<?> unused = writer.schedule(this::write, wait, TimeUnit.NANOSECONDS);
      } catch (RejectedExecutionException e) {
        due.set(false); // what goes on while the server stops is not what the next one shall find
      }
    }
  }

  private void write() {
    due.set(false); // what changes from here on needs another round
    writtenAt = System.nanoTime();
    try {
      List<Kept> kept = new ArrayList<>();
      for (Remembered each : registrations.get()) {
        kept.add(kept(each.registration(), each.absent()));
      }
      byte[] tree = Json.bytes(Trees.toTree(new File(kept)));
      byte[] head = (digest(tree) + "\n").getBytes(StandardCharsets.US_ASCII);
      if (head.length + tree.length > MAX_BYTES) {
        throw new IOException("it would be larger than " + MAX_BYTES + " bytes");
      }
      byte[] whole = Arrays.copyOf(head, head.length + tree.length);
      System.arraycopy(tree, 0, whole, head.length, tree.length);
      state.write(FILE, whole);
      if (failing) {
        failing = false;
        log.info("registry state is written again");
      }
    } catch (IOException | RuntimeException e) {
      if (!failing) {
        failing = true;
        log.error("registry state not written, a restart will not know who is here: " + e);
      }
      changed(); // tries again
    }
  }

  private static Kept kept(Registration registration, Duration absent) {
    return new Kept(
        registration.instance().toString(),
        Pem.of(registration.svid().certificate()),
        registration.remote(),
        registration.since().toString(),
        registration.workload(),
        absent.isZero() ? Optional.empty() : Optional.of(absent.toMillis()));
  }

  private static String digest(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every JDK has it
    }
  }

  /** Writes what is there now if that is not written yet, and nothing any more. */
  @Override
  public void close() {
    writer.shutdown();
    try {
      if (!writer.awaitTermination(FAREWELL.toMillis(), TimeUnit.MILLISECONDS)) {
        writer.shutdownNow();
        return; // a disk that hangs shall not hang the end
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return;
    }
    if (due.get()) {
      write();
    }
  }
}
