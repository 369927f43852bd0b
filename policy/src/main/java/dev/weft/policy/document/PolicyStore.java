package dev.weft.policy.document;

import dev.weft.policy.document.DocumentReader.ReadDocument;
import dev.weft.policy.document.DocumentReader.ReadFile;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The documents in force. Immutable: an update gives a new store.
 *
 * <p>A document is its kind, namespace and name. A document that is broken now is refused alone,
 * and its last good version stays in force. Where a broken text does not say which document it is,
 * every document that was last read from that file and that the text could be stays: all of them
 * when the file is not YAML at all. A document goes out of force when its file is deleted, or is
 * readable and does not hold it any more.
 *
 * <p>A security document that is broken and has no good version forbids what it may have wanted to
 * forbid, see {@link #failClosed}: security never falls back to allow because a text is broken.
 *
 * <p>Of two documents with one identity the first wins, in order of file names and then of place.
 */
public final class PolicyStore {
  private static final PolicyStore EMPTY =
      new PolicyStore(Map.of(), List.of(), Map.of(), List.of(), List.of(), Map.of());

  private final Map<Identity, Kept> inForce;
  private final List<Document> failClosed;
  private final Map<SourceFile, ReadFile> files;
  private final List<Diagnostic> diagnostics;
  private final List<DocumentStatus> documents;
  private final Map<String, String> keySets;

  private PolicyStore(
      Map<Identity, Kept> inForce,
      List<Document> failClosed,
      Map<SourceFile, ReadFile> files,
      List<Diagnostic> diagnostics,
      List<DocumentStatus> documents,
      Map<String, String> keySets) {
    this.inForce = inForce;
    this.failClosed = failClosed;
    this.files = files;
    this.diagnostics = diagnostics;
    this.documents = documents;
    this.keySets = keySets;
  }

  private record Identity(Kind kind, String namespace, String name)
      implements Comparable<Identity> {
    /** Written out: of many documents every change asks it some ten times for each. */
    @Override
    public int compareTo(Identity other) {
      int order = kind.compareTo(other.kind);
      if (order == 0) {
        order = namespace.compareTo(other.namespace);
      }
      return order == 0 ? name.compareTo(other.name) : order;
    }
  }

  /** A document in force, and the file in which it stands or stood last. */
  private record Kept(Document document, String file) {}

  /** No documents at all. */
  public static PolicyStore empty() {
    return EMPTY;
  }

  /**
   * What is in force once the folder holds exactly these files. Files that did not change are not
   * read again.
   */
  public PolicyStore update(List<SourceFile> newFiles) {
    return new Update(this).run(newFiles);
  }

  /** The same documents with these key sets (RFC 7517), by the address they were fetched from. */
  public PolicyStore withKeySets(Map<String, String> fetched) {
    return new PolicyStore(inForce, failClosed, files, diagnostics, documents, Map.copyOf(fetched));
  }

  /** The key sets that documents only give the address of, as far as they are known. */
  public Map<String, String> keySets() {
    return keySets;
  }

  /** What is wrong with the files of the last update, in order of place. */
  public List<Diagnostic> diagnostics() {
    return diagnostics;
  }

  /** Every document of the last update, and those still in force although their text is broken. */
  public List<DocumentStatus> documents() {
    return documents;
  }

  /** The documents in force, in order of kind, namespace and name. */
  public List<Document> inForce() {
    return inForce.values().stream().map(Kept::document).toList();
  }

  /**
   * What stands in for the security documents that are broken and have no good version: documents
   * that forbid whatever those may have wanted to forbid. They are compiled like those in force.
   */
  public List<Document> failClosed() {
    return failClosed;
  }

  /** One update. Confined to one thread. */
  private static final class Update {
    private final PolicyStore before;
    private final Map<Identity, Kept> inForce = new TreeMap<>();
    private final List<Document> failClosed = new ArrayList<>();
    private final Map<Identity, Place> claimed = new HashMap<>();
    private final List<Diagnostic> diagnostics = new ArrayList<>();
    private final List<DocumentStatus> documents = new ArrayList<>();
    private final List<Unidentified> unidentified = new ArrayList<>();

    /** A broken text that may be any of several earlier documents of its file. */
    private record Unidentified(
        String file, Optional<Kind> kind, String namespace, String name, List<Diagnostic> why) {
      boolean maybe(Identity identity, Kept kept) {
        return file.equals(kept.file())
            && (kind.isEmpty() || kind.get() == identity.kind())
            && (name.isEmpty()
                || (name.equals(identity.name()) && namespace.equals(identity.namespace())));
      }
    }

    Update(PolicyStore before) {
      this.before = before;
    }

    PolicyStore run(List<SourceFile> newFiles) {
      List<SourceFile> sorted = new ArrayList<>(newFiles);
      sorted.sort(Comparator.comparing(SourceFile::name));
      Map<SourceFile, ReadFile> read = new LinkedHashMap<>();
      for (SourceFile file : sorted) {
        ReadFile known = before.files.get(file);
        read.put(file, known != null ? known : DocumentReader.read(file));
      }
      read.forEach((file, content) -> take(file.name(), content));
      unidentified.forEach(this::keepWhatItMayBe);
      diagnostics.sort(Comparator.naturalOrder());
      return new PolicyStore(
          inForce,
          List.copyOf(failClosed),
          read,
          List.copyOf(diagnostics),
          List.copyOf(documents),
          before.keySets);
    }

    private void take(String file, ReadFile content) {
      if (content.unreadable().isPresent()) {
        List<Diagnostic> why = List.of(content.unreadable().get());
        diagnostics.addAll(why);
        documents.add(new DocumentStatus("", "", "", file, false, false, messages(why)));
        unidentified.add(new Unidentified(file, Optional.empty(), "", "", why));
      }
      for (ReadDocument document : content.documents()) {
        if (document.identified()) {
          take(file, document);
        } else {
          diagnostics.addAll(document.diagnostics());
          documents.add(status(document, file, false, false, document.diagnostics()));
          unidentified.add(
              new Unidentified(
                  file,
                  document.kind(),
                  document.namespace(),
                  document.name(),
                  document.diagnostics()));
        }
      }
    }

    private void take(String file, ReadDocument read) {
      Identity identity = new Identity(read.kind().orElseThrow(), read.namespace(), read.name());
      List<Diagnostic> found = new ArrayList<>(read.diagnostics());
      Place first = claimed.putIfAbsent(identity, read.place());
      if (first != null) {
        found.add(
            Code.DUPLICATE_DOCUMENT.at(
                read.place(),
                read.kindText()
                    + " "
                    + (read.namespace().isEmpty() ? "" : read.namespace() + "/")
                    + read.name()
                    + " stands at "
                    + first
                    + " already; this one is ignored"));
        diagnostics.addAll(found);
        documents.add(status(read, file, false, false, found));
        return;
      }
      Optional<Document> document = read.document();
      Kept last = document.isPresent() ? null : before.inForce.get(identity);
      boolean stale = last != null;
      if (document.isPresent()) {
        inForce.put(identity, new Kept(document.get(), file));
      } else if (last != null) {
        inForce.put(identity, new Kept(last.document(), file));
      } else if (read.failClosed().isPresent()) {
        failClosed.add(read.failClosed().get());
        found.add(FailClosed.diagnostic(read.failClosed().get()));
      }
      diagnostics.addAll(found);
      documents.add(status(read, file, document.isPresent(), stale, found));
    }

    private void keepWhatItMayBe(Unidentified broken) {
      before.inForce.forEach(
          (identity, kept) -> {
            if (broken.maybe(identity, kept)
                && !claimed.containsKey(identity)
                && inForce.putIfAbsent(identity, kept) == null) {
              documents.add(
                  new DocumentStatus(
                      identity.kind().text(),
                      identity.namespace(),
                      identity.name(),
                      kept.file(),
                      false,
                      true,
                      messages(broken.why())));
            }
          });
    }

    private static DocumentStatus status(
        ReadDocument read, String file, boolean accepted, boolean stale, List<Diagnostic> found) {
      return new DocumentStatus(
          read.kindText(), read.namespace(), read.name(), file, accepted, stale, messages(found));
    }

    private static List<String> messages(List<Diagnostic> diagnostics) {
      return diagnostics.isEmpty()
          ? List.of() // nearly always
          : diagnostics.stream().sorted().map(Diagnostic::toString).toList();
    }
  }
}
