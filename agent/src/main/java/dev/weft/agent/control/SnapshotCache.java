package dev.weft.agent.control;

import dev.weft.agent.config.Settings;
import dev.weft.agent.json.Json;
import dev.weft.agent.log.Log;
import dev.weft.policy.Snapshot;
import dev.weft.policy.tree.Trees;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;

/**
 * The last good snapshot in {@code weft.state.dir}, for a start without the server. Holds no keys.
 * The file's first line is a checksum of the rest; it is replaced as a whole. Confined to the
 * control thread.
 */
final class SnapshotCache {
  private static final String HEAD = "weft-snapshot 1 sha256 ";

  private final Optional<Path> file;
  private final Log log;

  private SnapshotCache(Optional<Path> file, Log log) {
    this.file = file;
    this.log = log;
  }

  /** One file per service, because services may share a folder. */
  static SnapshotCache of(Settings settings, Log log) {
    String name = "snapshot-" + settings.namespace() + "-" + settings.service() + ".json";
    String safe = name.replaceAll("[^A-Za-z0-9._-]", "_");
    return new SnapshotCache(settings.stateDir().map(dir -> dir.resolve(safe)), log);
  }

  /** Keeps a snapshot; a failure is logged, because it costs nothing now. */
  void keep(Snapshot snapshot) {
    if (file.isEmpty()) {
      return;
    }
    try {
      String json = Json.text(Trees.toTree(snapshot));
      Path target = file.get().toAbsolutePath();
      Path folder = target.getParent();
      if (folder != null) {
        Files.createDirectories(folder);
      }
      Path fresh =
          target.resolveSibling(target.getFileName() + "." + ProcessHandle.current().pid());
      Files.writeString(fresh, HEAD + checksum(json) + "\n" + json);
      Files.move(
          fresh, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      log.warn("snapshot not kept in weft.state.dir: " + e);
    }
  }

  /** The kept tree; empty when there is none or it is damaged, which is logged. */
  Optional<Map<String, Object>> read() {
    if (file.isEmpty()) {
      return Optional.empty();
    }
    try {
      String text = Files.readString(file.get());
      int end = text.indexOf('\n');
      String json = text.substring(end + 1);
      if (end < 0 || !text.substring(0, end).equals(HEAD + checksum(json))) {
        log.warn("snapshot in " + file.get() + " is damaged and not used");
        return Optional.empty();
      }
      return Optional.of(Json.object(json));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      log.warn("snapshot in " + file.get() + " cannot be read: " + e);
      return Optional.empty();
    }
  }

  private static String checksum(String json) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(json.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(hash);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JVM has SHA-256", e);
    }
  }
}
