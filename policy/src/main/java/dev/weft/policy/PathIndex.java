package dev.weft.policy;

import dev.weft.policy.RouteMatch.PathMatch;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Finds the first of many matches that may fit a path without asking them all: a trie by segments.
 * A match stands at the longest run of whole segments that every path it fits begins with, so a
 * path passes every match that may fit it on its way down. Looking up allocates nothing. Immutable;
 * thread-safe.
 */
final class PathIndex {
  private final Node root;

  private PathIndex(Node root) {
    this.root = root;
  }

  /** Says whether a match fits a call in all respects; the call is handed on as it came. */
  @FunctionalInterface
  interface Question {
    boolean fits(int match, Call call, String target, int end);
  }

  /** Indexes matches by their place in the list, which is their order, too. */
  static PathIndex of(List<RouteMatch> matches) {
    Draft root = new Draft();
    for (int i = 0; i < matches.size(); i++) {
      root.at(prefix(matches.get(i).path())).here.add(i);
    }
    return new PathIndex(root.node(""));
  }

  /** The whole segments that every path begins with which the match fits: {@code /a/b} or empty. */
  private static String prefix(Optional<PathMatch> match) {
    if (match.isEmpty() || match.get().ignoreCase().orElse(false) || match.get().asSent()) {
      return "";
    }
    String path = match.get().normal().value();
    return switch (match.get().kind()) {
      case EXACT -> path.startsWith("/") ? path : "";
      case PREFIX -> path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
      case TEXT_PREFIX -> path.startsWith("/") ? path.substring(0, path.lastIndexOf('/')) : "";
      case REGEX -> "";
    };
  }

  /**
   * The lowest match that fits; -1: none.
   *
   * @param call for the question
   * @param target path and query, the path in normal form
   * @param end where the path ends in {@code target}
   */
  int first(Call call, String target, int end, Question question) {
    int best = root.first(Integer.MAX_VALUE, call, target, end, question);
    Node node = root;
    int from = 0;
    while (from < end && target.charAt(from) == '/') {
      int to = target.indexOf('/', from + 1);
      to = to < 0 || to > end ? end : to;
      node = node.child(target, from + 1, to);
      if (node == null) {
        break;
      }
      best = node.first(best, call, target, end, question);
      from = to;
    }
    return best == Integer.MAX_VALUE ? -1 : best;
  }

  /** A node while the trie is built. */
  private static final class Draft {
    private final List<Integer> here = new ArrayList<>();
    private final Map<String, Draft> children = new HashMap<>();

    Draft at(String path) {
      Draft node = this;
      if (!path.isEmpty()) {
        for (String segment : path.substring(1).split("/", -1)) {
          node = node.children.computeIfAbsent(segment, key -> new Draft());
        }
      }
      return node;
    }

    Node node(String segment) {
      here.sort(null); // here, as sorting numbers that are in no list loads what sorts very many
      return new Node(
          segment,
          here.stream().mapToInt(Integer::intValue).toArray(),
          children.entrySet().stream().map(e -> e.getValue().node(e.getKey())).toList());
    }
  }

  /** A segment; its children stand in a table by hash, because a map would want a substring. */
  private static final class Node {
    private final String segment;
    private final int[] here;
    private final @Nullable Node[] table;

    Node(String segment, int[] here, List<Node> children) {
      this.segment = segment;
      this.here = here;
      this.table = new Node[children.isEmpty() ? 0 : Integer.highestOneBit(children.size()) * 4];
      for (Node child : children) {
        int slot = hash(child.segment, 0, child.segment.length()) & (table.length - 1);
        while (table[slot] != null) {
          slot = (slot + 1) & (table.length - 1);
        }
        table[slot] = child;
      }
    }

    int first(int best, Call call, String target, int end, Question question) {
      for (int match : here) {
        if (match >= best) {
          return best;
        }
        if (question.fits(match, call, target, end)) {
          return match;
        }
      }
      return best;
    }

    @Nullable Node child(String target, int from, int to) {
      if (table.length == 0) {
        return null;
      }
      int slot = hash(target, from, to) & (table.length - 1);
      Node found = table[slot];
      while (found != null) {
        if (found.segment.length() == to - from
            && target.regionMatches(from, found.segment, 0, to - from)) {
          return found;
        }
        slot = (slot + 1) & (table.length - 1);
        found = table[slot];
      }
      return null;
    }

    private static int hash(String text, int from, int to) {
      int hash = 0;
      for (int i = from; i < to; i++) {
        hash = 31 * hash + text.charAt(i);
      }
      return hash ^ (hash >>> 16);
    }
  }
}
