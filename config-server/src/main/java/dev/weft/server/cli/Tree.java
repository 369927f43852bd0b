package dev.weft.server.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A JSON object that may lack anything: what is absent reads as empty. Immutable. */
record Tree(Map<?, ?> map) {

  static Tree of(@Nullable Object value) {
    return new Tree(value instanceof Map<?, ?> map ? map : Map.of());
  }

  String text(String key) {
    Object value = map.get(key);
    return value == null ? "" : value.toString();
  }

  long number(String key) {
    return map.get(key) instanceof Number number ? number.longValue() : 0;
  }

  boolean truth(String key) {
    return Boolean.TRUE.equals(map.get(key));
  }

  Tree child(String key) {
    return of(map.get(key));
  }

  @Nullable Object raw(String key) {
    return map.get(key);
  }

  List<Tree> children(String key) {
    List<Tree> children = new ArrayList<>();
    if (map.get(key) instanceof List<?> list) {
      list.forEach(element -> children.add(of(element)));
    }
    return children;
  }

  List<String> texts(String key) {
    List<String> texts = new ArrayList<>();
    if (map.get(key) instanceof List<?> list) {
      list.forEach(element -> texts.add(String.valueOf(element)));
    }
    return texts;
  }
}
