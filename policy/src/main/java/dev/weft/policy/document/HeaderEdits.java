package dev.weft.policy.document;

import dev.weft.policy.HeaderEdit;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Reads Gateway API's header modifiers. */
final class HeaderEdits {
  private static final int MOST = 16;
  private static final int LONGEST_VALUE = 4096;
  private static final String NOT_A_HEADER = "cannot be the name of a header: \"";

  private HeaderEdits() {}

  /** Adds the edits of a modifier: set, then add, then remove; at most one for each header. */
  static void read(Fields modifier, List<HeaderEdit> edits) {
    Set<String> touched = new HashSet<>();
    values(modifier, "set", HeaderEdit.Kind.SET, edits, touched);
    values(modifier, "add", HeaderEdit.Kind.ADD, edits, touched);
    for (Fields.Text text : modifier.texts("remove")) {
      String name = text.value();
      if (!Names.isHeader(name)) {
        modifier.problem(Code.BAD_VALUE, text, NOT_A_HEADER + name + "\"");
      } else if (!touched.add(name.toLowerCase(Locale.ROOT))) {
        modifier.problem(Code.DOES_NOT_FIT, text, "\"" + name + "\" is edited twice");
      }
      edits.add(new HeaderEdit(HeaderEdit.Kind.REMOVE, name, ""));
    }
    Portability.limit(modifier, "set", MOST);
    Portability.limit(modifier, "add", MOST);
    Portability.limit(modifier, "remove", MOST);
    modifier.finish();
  }

  private static void values(
      Fields modifier,
      String list,
      HeaderEdit.Kind kind,
      List<HeaderEdit> edits,
      Set<String> touched) {
    Set<String> seen = new HashSet<>();
    for (Fields item : modifier.objects(list)) {
      String name = item.requiredName("name");
      String value = item.requiredText("value");
      item.finish();
      String canonical = name.toLowerCase(Locale.ROOT);
      if (!name.isEmpty() && !Names.isHeader(name)) {
        item.problem(Code.BAD_VALUE, "name", NOT_A_HEADER + name + "\"");
      } else if (!seen.add(canonical)) {
        item.problem(Code.BAD_VALUE, "name", "header \"" + name + "\" stands here twice");
      } else if (!touched.add(canonical)) {
        item.problem(Code.DOES_NOT_FIT, "name", "\"" + name + "\" is edited twice");
      }
      // A line break would let a value smuggle a header of its own.
      if (value.length() > LONGEST_VALUE || value.chars().anyMatch(c -> c < ' ' && c != '\t')) {
        item.problem(Code.BAD_VALUE, "value", "cannot be the value of a header");
      }
      edits.add(new HeaderEdit(kind, name, value));
    }
  }
}
