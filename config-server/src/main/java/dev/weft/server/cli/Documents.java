package dev.weft.server.cli;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;

/** What became of the documents, as a table. */
final class Documents {
  private Documents() {}

  /**
   * Prints those of which something does not hold.
   *
   * @param policies the answer of {@code /v1/policies}
   * @param all whether to print the others too
   */
  static void print(Tree policies, boolean all, PrintWriter out) {
    List<Tree> documents = policies.children("documents");
    TextTable table = new TextTable("DOCUMENT", "ACCEPTED", "REFERENCES", "PROGRAMMED");
    List<String> messages = new ArrayList<>();
    int everywhere = 0;
    for (Tree document : documents) {
      String title = title(document);
      List<String> row = new ArrayList<>(List.of(title));
      boolean holds = true;
      for (Tree condition : document.children("conditions")) {
        boolean held = condition.text("status").equals("True");
        String message = condition.text("message");
        boolean count = condition.text("type").equals("Programmed");
        row.add(count ? (held ? "" : "not yet: ") + message : held ? "yes" : "no");
        if (!held && !count) {
          messages.add(title + ": " + message);
        }
        holds &= held;
      }
      everywhere += holds ? 1 : 0;
      if (all || !holds) {
        table.row(row.toArray(String[]::new));
      }
    }
    if (documents.isEmpty()) {
      return;
    }
    out.println();
    out.println(
        everywhere + " of " + documents.size() + " documents are in force wherever they count");
    if (all || everywhere < documents.size()) {
      table.print(out);
      messages.forEach(out::println);
    }
  }

  private static String title(Tree document) {
    String namespace = document.text("namespace");
    return document.text("kind")
        + " "
        + (namespace.isEmpty() ? "" : namespace + "/")
        + document.text("name");
  }
}
