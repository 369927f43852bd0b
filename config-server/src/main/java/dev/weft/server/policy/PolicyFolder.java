package dev.weft.server.policy;

import dev.weft.policy.document.Diagnostic;
import dev.weft.policy.document.PolicyStore;
import dev.weft.policy.document.Severity;
import dev.weft.policy.document.SourceFile;
import dev.weft.server.log.Log;
import dev.weft.server.state.StateFolder;
import java.io.IOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A folder of policy documents, read at once and whenever something in it changes.
 *
 * <p>The operating system says when something happens; a look once a second catches what it does
 * not say (network file systems, exhausted watches). Editors write a file in several steps, so a
 * change is read only when two looks 10 ms apart agree, and a file that has just become empty or
 * vanished gets a little longer to come back: otherwise a half-written file would take policies out
 * of force for a moment.
 *
 * <p>A folder or file that cannot be read keeps its last content in force. Runs on a daemon thread
 * of its own, and on those that ask for a look; one at a time.
 */
public final class PolicyFolder implements AutoCloseable {
  private static final Duration POLL = Duration.ofSeconds(1);
  private static final Duration SETTLE = Duration.ofMillis(10);
  private static final Duration GRACE = Duration.ofMillis(150);
  private static final Duration LONGEST_SETTLE = Duration.ofSeconds(1);

  private final Path folder;
  private final LastGood lastGood;
  private final Generations generations;
  private final Consumer<PolicyVersion> inForce;
  private final Log log;
  private final Thread thread = new Thread(this::watch, "weft-policy-folder");
  private final @Nullable WatchService events;
  private PolicyStore store = PolicyStore.empty();
  private Map<String, SourceFile> content = new TreeMap<>();
  private Map<String, FolderReader.Stamp> stamps = Map.of();
  private boolean applied;
  private volatile List<String> problems = List.of();

  private PolicyFolder(
      Path folder,
      LastGood lastGood,
      Generations generations,
      Consumer<PolicyVersion> inForce,
      Log log) {
    this.folder = folder;
    this.lastGood = lastGood;
    this.generations = generations;
    this.inForce = inForce;
    this.log = log;
    this.events = openEvents(folder, log);
    thread.setDaemon(true);
  }

  private static @Nullable WatchService openEvents(Path folder, Log log) {
    try {
      return folder.getFileSystem().newWatchService();
    } catch (IOException | UnsupportedOperationException e) {
      log.warn("policy folder is looked at once a second, it cannot be watched: " + e.getMessage());
      return null;
    }
  }

  /**
   * Reads the folder, puts it in force, and watches it from then on.
   *
   * @param inForce gets each new set of documents; called on the caller's thread first, then on
   *     whichever thread looked; must not block
   * @throws IOException when the folder cannot be read and nothing good is remembered
   */
  public static PolicyFolder open(
      Path folder,
      StateFolder state,
      Generations generations,
      Consumer<PolicyVersion> inForce,
      Log log)
      throws IOException {
    LastGood lastGood = new LastGood(state, log);
    List<SourceFile> remembered = lastGood.load();
    PolicyFolder opened = new PolicyFolder(folder, lastGood, generations, inForce, log);
    opened.begin(remembered);
    opened.thread.start();
    return opened;
  }

  private void begin(List<SourceFile> remembered) throws IOException {
    store = store.update(remembered);
    remembered.forEach(file -> content.put(file.name(), file));
    try {
      read(FolderReader.look(folder));
    } catch (IOException e) {
      if (remembered.isEmpty()) {
        throw e;
      }
      unreadable(e);
      apply();
    }
  }

  private void watch() {
    boolean something = true; // between the first reading and the first watch, nobody looked
    while (!Thread.currentThread().isInterrupted()) {
      try {
        refresh(something);
        something = awaitEvent();
      } catch (InterruptedException | ClosedWatchServiceException e) {
        return;
      }
    }
  }

  private synchronized void refresh(boolean something) throws InterruptedException {
    try {
      FolderReader.Look look = FolderReader.look(folder);
      register(look.folders());
      if (something || !look.files().equals(stamps) || !problems.isEmpty()) {
        read(settled(look));
      }
      generations.save();
      lastGood.save();
    } catch (IOException e) {
      unreadable(e);
    } catch (RuntimeException | StackOverflowError e) {
      log.error("policy folder not applied, what was in force stays: " + e);
    }
  }

  /**
   * Looks now, on the caller's thread, and returns once what is there was handed over.
   *
   * @return the generation that it is
   */
  public Generation reload() throws InterruptedException {
    refresh(true);
    return generations.now();
  }

  /** Hands over what is in force once more, because it has another number now. */
  public synchronized void renumbered() {
    inForce.accept(new PolicyVersion(store, generations.now()));
  }

  private void register(List<Path> folders) {
    if (events == null) {
      return;
    }
    for (Path each : folders) {
      try {
        // Registering again is cheap, and needed after a folder was replaced.
        each.register(
            events,
            StandardWatchEventKinds.ENTRY_CREATE,
            StandardWatchEventKinds.ENTRY_MODIFY,
            StandardWatchEventKinds.ENTRY_DELETE);
      } catch (IOException e) {
        // Vanished, or too many watches: the look once a second remains.
      }
    }
  }

  /** Whether the system reported something within a second. */
  private boolean awaitEvent() throws InterruptedException {
    if (events == null) {
      Thread.sleep(POLL.toMillis());
      return false;
    }
    WatchKey key = events.poll(POLL.toMillis(), TimeUnit.MILLISECONDS);
    boolean something = key != null;
    while (key != null) {
      key.pollEvents();
      key.reset();
      key = events.poll();
    }
    return something;
  }

  private FolderReader.Look settled(FolderReader.Look first)
      throws IOException, InterruptedException {
    long start = System.nanoTime();
    FolderReader.Look before = first;
    while (true) {
      Thread.sleep(SETTLE.toMillis());
      FolderReader.Look now = FolderReader.look(folder);
      Duration waited = Duration.ofNanos(System.nanoTime() - start);
      boolean agree = now.files().equals(before.files());
      boolean patient = waited.compareTo(GRACE) < 0 && lost(now);
      if ((agree && !patient) || waited.compareTo(LONGEST_SETTLE) > 0) {
        return now;
      }
      before = now;
    }
  }

  /** Whether a file that had content is empty or gone now. */
  private boolean lost(FolderReader.Look look) {
    return stamps.entrySet().stream()
        .anyMatch(
            known -> {
              FolderReader.Stamp now = look.files().get(known.getKey());
              return known.getValue().size() > 0 && (now == null || now.size() == 0);
            });
  }

  private void read(FolderReader.Look look) {
    Map<String, SourceFile> now = new TreeMap<>();
    List<String> troubles = new ArrayList<>();
    look.files()
        .forEach(
            (name, stamp) -> {
              try {
                now.put(name, new SourceFile(name, FolderReader.read(stamp)));
              } catch (IOException e) {
                SourceFile last = content.get(name);
                troubles.add(
                    "policy file "
                        + name
                        + " cannot be read"
                        + (last == null ? "" : ", its last content stays in force")
                        + ": "
                        + e.getMessage());
                if (last != null) {
                  now.put(name, last);
                }
              }
            });
    stamps = look.files();
    say(troubles);
    if (!applied || !now.equals(content)) {
      content = now;
      apply();
    }
  }

  private void apply() {
    List<SourceFile> files = List.copyOf(content.values());
    List<Diagnostic> known = store.diagnostics();
    store = store.update(files);
    List<Diagnostic> diagnostics = store.diagnostics();
    log.info(
        "policy read files="
            + files.size()
            + " documents="
            + store.documents().size()
            + " errors="
            + count(diagnostics, Severity.ERROR)
            + " warnings="
            + count(diagnostics, Severity.WARNING));
    diagnostics.stream()
        .filter(diagnostic -> !known.contains(diagnostic))
        .forEach(diagnostic -> log.warn("policy " + diagnostic));
    inForce.accept(new PolicyVersion(store, generations.of(files)));
    applied = true;
    lastGood.keep(files, diagnostics);
  }

  private static long count(List<Diagnostic> diagnostics, Severity severity) {
    return diagnostics.stream().filter(one -> one.severity() == severity).count();
  }

  private void unreadable(IOException e) {
    say(List.of(e.getMessage() + "; what was in force stays"));
  }

  private void say(List<String> troubles) {
    troubles.stream()
        .filter(trouble -> !problems.contains(trouble))
        .forEach(trouble -> log.error(trouble));
    if (troubles.isEmpty() && !problems.isEmpty()) {
      log.info("policy folder is readable again");
    }
    problems = List.copyOf(troubles);
  }

  /** What hinders reading right now; empty: nothing. */
  public List<String> problems() {
    return problems;
  }

  @Override
  public void close() {
    thread.interrupt();
    if (events != null) {
      try {
        events.close();
      } catch (IOException e) {
        log.warn("policy folder not closed: " + e.getMessage());
      }
    }
  }
}
