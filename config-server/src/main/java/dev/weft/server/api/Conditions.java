package dev.weft.server.api;

import dev.weft.policy.document.Code;
import dev.weft.policy.document.Diagnostic;
import dev.weft.policy.document.Document;
import dev.weft.policy.document.DocumentStatus;
import dev.weft.policy.document.Kind;
import dev.weft.policy.part.Bodies;
import dev.weft.policy.part.Part;
import dev.weft.policy.part.PartSet;
import dev.weft.server.distribution.AgentState;
import dev.weft.server.distribution.MeshState;
import dev.weft.server.registry.Registration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * What became of each document at one moment: whether it was accepted, whether its references lead
 * somewhere, and how many of the connected agents that it concerns have it. Whom it concerns is
 * read from their parts: these name the documents that they come from. Confined to one thread.
 */
final class Conditions {
  private static final Set<String> DEAD_REFERENCES =
      Set.of(
          Code.UNKNOWN_PARENT.id(),
          Code.UNKNOWN_BACKEND.id(),
          Code.UNKNOWN_PORT.id(),
          Code.UNKNOWN_TARGET.id());

  /** Kinds that concern everybody, or that leave no trace of their name. */
  private static final Set<String> EVERYBODYS =
      Set.of(Kind.MESH_CONFIG.text(), Kind.TELEMETRY.text());

  /** Connected agents that have what they should, and all of them. */
  private record Count(int acknowledged, int all) {
    static final Count NONE = new Count(0, 0);

    Count plus(Count other) {
      return new Count(acknowledged + other.acknowledged, all + other.all);
    }
  }

  private final Map<String, Count> concerned = new HashMap<>();
  private final Map<String, List<String>> deadReferences = new HashMap<>();
  private Count everybody = Count.NONE;

  private Conditions() {}

  static Conditions of(Mesh mesh) {
    Conditions conditions = new Conditions();
    conditions.count(mesh);
    conditions.findDeadReferences(mesh.distribution().state());
    return conditions;
  }

  private void count(Mesh mesh) {
    IdentityHashMap<PartSet.Shared, Set<String>> sharedWords = new IdentityHashMap<>();
    IdentityHashMap<PartSet.Shared, Count> sharedBy = new IdentityHashMap<>();
    for (Registration registration : mesh.registry().registrations()) {
      Optional<AgentState> state = mesh.distribution().agent(registration.instance());
      if (state.isEmpty() || !mesh.registry().connected(registration.instance())) {
        continue; // it hears of everything when it comes back, if it does
      }
      Count one = new Count(state.get().inSync() ? 1 : 0, 1);
      everybody = everybody.plus(one);
      Optional<PartSet> parts = mesh.distribution().parts(registration.instance());
      if (parts.isPresent()) {
        PartSet.Shared shared = parts.get().shared();
        Set<String> known = sharedWords.computeIfAbsent(shared, s -> words(s.parts()));
        sharedBy.merge(shared, one, Count::plus);
        Set<String> own = words(parts.get().own());
        own.removeAll(known);
        own.forEach(word -> concerned.merge(word, one, Count::plus));
      }
    }
    sharedBy.forEach(
        (shared, count) ->
            sharedWords
                .getOrDefault(shared, Set.of())
                .forEach(word -> concerned.merge(word, count, Count::plus)));
  }

  private static Set<String> words(List<Part> parts) {
    Set<String> words = new HashSet<>();
    for (Part part : parts) {
      words.addAll(part.words());
      for (String prefix : List.of(Bodies.SERVICE, Bodies.WANTED)) {
        if (part.key().startsWith(prefix)) {
          words.add(Kind.SERVICE.text() + " " + part.key().substring(prefix.length()));
        }
      }
    }
    return words;
  }

  /** A diagnostic belongs to the document in force that begins last before its place. */
  private void findDeadReferences(MeshState state) {
    Map<String, TreeMap<Integer, String>> beginnings = new HashMap<>();
    for (Document document : state.policy().inForce()) {
      beginnings
          .computeIfAbsent(document.place().file(), file -> new TreeMap<>())
          .put(document.place().line(), document.title());
    }
    for (Diagnostic diagnostic : state.mesh().diagnostics()) {
      TreeMap<Integer, String> titles = beginnings.get(diagnostic.file());
      if (titles != null && DEAD_REFERENCES.contains(diagnostic.code())) {
        Map.Entry<Integer, String> begun = titles.floorEntry(diagnostic.line());
        if (begun != null) {
          deadReferences
              .computeIfAbsent(begun.getValue(), title -> new ArrayList<>())
              .add(diagnostic.message());
        }
      }
    }
  }

  /** The conditions of a document, as Gateway API writes them. */
  List<Object> of(DocumentStatus document) {
    String problems = String.join("; ", document.messages());
    List<String> dead = deadReferences.getOrDefault(StatusView.title(document), List.of());
    Count count = count(document);
    return List.of(
        condition(
            "Accepted",
            document.accepted(),
            document.stale() ? "its last good version stays in force; " + problems : problems),
        condition("ResolvedRefs", dead.isEmpty(), String.join("; ", dead)),
        condition(
            "Programmed",
            document.accepted() && count.acknowledged() == count.all(),
            count.all() == 0
                ? "concerns no agent"
                : count.acknowledged() + " of " + count.all() + " agents acknowledged it"));
  }

  private Count count(DocumentStatus document) {
    if (EVERYBODYS.contains(document.kind())) {
      return everybody;
    }
    String title = StatusView.title(document);
    Count count = concerned.getOrDefault(title, Count.NONE);
    return count.all() > 0 ? count : concerned.getOrDefault(title + " (broken)", Count.NONE);
  }

  private static Map<String, Object> condition(String type, boolean holds, String message) {
    Map<String, Object> condition = new LinkedHashMap<>();
    condition.put("type", type);
    condition.put("status", holds ? "True" : "False");
    condition.put("message", message);
    return condition;
  }
}
