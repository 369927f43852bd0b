package dev.weft.server.policy;

import dev.weft.policy.document.Diagnostic;
import dev.weft.policy.document.Severity;
import dev.weft.policy.document.SourceFile;
import dev.weft.server.log.Log;
import dev.weft.server.protocol.Json;
import dev.weft.server.protocol.Refusal;
import dev.weft.server.state.StateFolder;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * The newest version of every policy file that had no error, kept in the state folder. Without it a
 * restart while a document is broken would drop that document, and with it perhaps a refusal.
 * Confined to one thread.
 */
final class LastGood {
  private static final String FILE = "policy/last-good.json";

  private final StateFolder state;
  private final Log log;
  private Map<String, String> kept = new TreeMap<>();
  private boolean unsaved;
  private boolean failing;

  LastGood(StateFolder state, Log log) {
    this.state = state;
    this.log = log;
  }

  /** What was kept by the server before this one. */
  List<SourceFile> load() throws IOException {
    var content = state.read(FILE);
    if (content.isEmpty()) {
      return List.of();
    }
    List<SourceFile> files = new ArrayList<>();
    try {
      for (Map.Entry<String, Object> file : Json.object(content.get()).entrySet()) {
        String encoded = String.valueOf(file.getValue());
        kept.put(file.getKey(), encoded);
        files.add(new SourceFile(file.getKey(), Base64.getDecoder().decode(encoded)));
      }
    } catch (Refusal | IllegalArgumentException e) {
      throw new IOException(
          "state file " + FILE + " is damaged: " + e.getMessage() + "; remove it to go on", e);
    }
    return files;
  }

  /** Keeps those of the files that have no error; forgets those that are no longer there. */
  void keep(List<SourceFile> files, List<Diagnostic> diagnostics) {
    Set<String> broken =
        diagnostics.stream()
            .filter(diagnostic -> diagnostic.severity() == Severity.ERROR)
            .map(Diagnostic::file)
            .collect(Collectors.toSet());
    Map<String, String> now = new TreeMap<>();
    for (SourceFile file : files) {
      if (!broken.contains(file.name())) {
        now.put(file.name(), Base64.getEncoder().encodeToString(file.bytes()));
      } else {
        String before = kept.get(file.name());
        if (before != null) {
          now.put(file.name(), before);
        }
      }
    }
    unsaved |= !now.equals(kept);
    kept = now;
    save();
  }

  /** Saves what could not be saved before, because the disk was full, say; else without effect. */
  void save() {
    if (!unsaved) {
      return;
    }
    try {
      state.write(FILE, Json.bytes(kept));
      unsaved = false;
      if (failing) {
        failing = false;
        log.info("last good policy is saved again");
      }
    } catch (IOException e) {
      if (!failing) {
        failing = true;
        log.error("last good policy not saved, a restart may lose it: " + e.getMessage());
      }
    }
  }
}
