package dev.weft.policy.compile;

import dev.weft.policy.document.Code;
import dev.weft.policy.document.Diagnostic;
import dev.weft.policy.document.Document;
import dev.weft.policy.document.Place;
import dev.weft.policy.document.PolicyStore;
import dev.weft.policy.document.Severity;
import dev.weft.policy.document.SourceFile;
import dev.weft.policy.validate.Facts;
import dev.weft.policy.validate.Validation;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Everything that can be said about documents: what their readers and the compiler say, and what
 * {@link Validation} finds between them. Stateless; pure.
 */
public final class Lint {
  private static final String TRUST_DOMAIN = "cluster.local";

  /** Where the compiler says that a reference is dead. */
  private static final Set<String> DEAD_REFERENCES =
      Set.of(
          Code.UNKNOWN_PARENT.id(),
          Code.UNKNOWN_BACKEND.id(),
          Code.UNKNOWN_PORT.id(),
          Code.UNKNOWN_TARGET.id());

  private Lint() {}

  /**
   * What was found. Immutable.
   *
   * @param diagnostics in order of place
   * @param suppressed what documents asked not to hear, by {@value Document#IGNORE}; never errors
   * @param documents how many documents there are, those that are refused included
   */
  public record Report(List<Diagnostic> diagnostics, List<Diagnostic> suppressed, int documents) {
    /** How many diagnostics are of a severity. */
    public long count(Severity severity) {
      return diagnostics.stream().filter(one -> one.severity() == severity).count();
    }
  }

  /** All diagnostics, in order of place. A service without endpoints is none. */
  public static List<Diagnostic> lint(List<SourceFile> files) {
    return report(files, TRUST_DOMAIN).diagnostics();
  }

  /** Judges files without a running mesh, as if each Service had one workload. */
  public static Report report(List<SourceFile> files, String trustDomain) {
    PolicyStore policy = PolicyStore.empty().update(files);
    List<Diagnostic> compiled =
        MeshCompiler.compile(policy, List.of(), trustDomain, List.of()).diagnostics();
    List<Workload> assumed = AssumedWorkloads.of(policy, trustDomain);
    CompiledMesh mesh = MeshCompiler.compile(policy, assumed, trustDomain, List.of());
    return report(policy, compiled, mesh, assumed, false, trustDomain);
  }

  /** Judges documents together with the workloads that run. */
  public static Report report(
      PolicyStore policy, CompiledMesh mesh, List<Workload> workloads, String trustDomain) {
    return report(policy, mesh.diagnostics(), mesh, workloads, true, trustDomain);
  }

  private static Report report(
      PolicyStore policy,
      List<Diagnostic> compiled,
      CompiledMesh mesh,
      List<Workload> workloads,
      boolean live,
      String trustDomain) {
    List<Document> documents = new ArrayList<>(policy.inForce());
    documents.sort(
        Comparator.comparing(Document::created)
            .thenComparing(Document::namespace)
            .thenComparing(Document::name));
    List<Facts.Member> members = new ArrayList<>();
    for (Workload workload : workloads) {
      members.add(new Facts.Member(mesh.inbound(workload), List.copyOf(workload.listening())));
    }
    Validation.Result found =
        Validation.validate(
            new Facts(
                List.copyOf(documents),
                List.copyOf(members),
                live,
                mesh.ownServices(),
                mesh::servicesFor,
                mesh.settings(),
                trustDomain));
    List<Diagnostic> all = new ArrayList<>(policy.diagnostics());
    compiled.forEach(diagnostic -> all.add(hinted(diagnostic, found.hints())));
    all.addAll(withoutRepetitions(found.diagnostics(), all));
    return suppress(all, documents, policy.documents().size());
  }

  private static Diagnostic hinted(Diagnostic diagnostic, Map<Place, String> hints) {
    String hint =
        hints.getOrDefault(
            new Place(diagnostic.file(), diagnostic.line(), diagnostic.column()), "");
    return hint.isEmpty() || !DEAD_REFERENCES.contains(diagnostic.code())
        ? diagnostic
        : new Diagnostic(
            diagnostic.file(),
            diagnostic.line(),
            diagnostic.column(),
            diagnostic.severity(),
            diagnostic.code(),
            diagnostic.message() + hint);
  }

  /** Readers find rules that repeat another word by word; once is enough. */
  private static List<Diagnostic> withoutRepetitions(
      List<Diagnostic> found, List<Diagnostic> known) {
    Set<Place> said = new HashSet<>();
    for (Diagnostic one : known) {
      if (one.code().equals(Code.UNREACHABLE_RULE.id())) {
        said.add(new Place(one.file(), one.line(), one.column()));
      }
    }
    return found.stream()
        .filter(
            one ->
                !one.code().equals(Code.SHADOWED_RULE.id())
                    || !said.contains(new Place(one.file(), one.line(), one.column())))
        .toList();
  }

  private static Report suppress(List<Diagnostic> all, List<Document> documents, int count) {
    Map<String, TreeMap<Place, Document>> byFile = new HashMap<>();
    Comparator<Place> order = Comparator.comparingInt(Place::line).thenComparingInt(Place::column);
    for (Document document : documents) {
      byFile
          .computeIfAbsent(document.place().file(), file -> new TreeMap<>(order))
          .put(document.place(), document);
    }
    List<Diagnostic> kept = new ArrayList<>();
    List<Diagnostic> suppressed = new ArrayList<>();
    Map<Document, Set<String>> used = new HashMap<>();
    for (Diagnostic one : all) {
      Optional<Document> owner =
          Optional.ofNullable(byFile.get(one.file()))
              .map(places -> places.floorEntry(new Place(one.file(), one.line(), one.column())))
              .map(Map.Entry::getValue);
      if (one.severity() != Severity.ERROR
          && owner.isPresent()
          && owner.get().ignored().contains(one.code())) {
        suppressed.add(one);
        used.computeIfAbsent(owner.get(), document -> new HashSet<>()).add(one.code());
      } else {
        kept.add(one);
      }
    }
    for (Document document : documents) {
      for (String code : document.ignored()) {
        if (!used.getOrDefault(document, Set.of()).contains(code)) {
          kept.add(
              Code.USELESS_IGNORE.at(
                  document.place(), document.title() + " has no " + code + " to ignore"));
        }
      }
    }
    Collections.sort(kept);
    Collections.sort(suppressed);
    return new Report(List.copyOf(kept), List.copyOf(suppressed), count);
  }
}
