package dev.weft.agent.config;

import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.composer.Composer;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;
import org.yaml.snakeyaml.parser.ParserImpl;
import org.yaml.snakeyaml.reader.StreamReader;
import org.yaml.snakeyaml.resolver.Resolver;

/**
 * The YAML file of {@code WEFT_CONFIG}, flat ({@code service.account: pay}) or nested, with or
 * without a leading {@code weft}.
 *
 * <p>Reads nodes, not objects: SnakeYAML's constructors look up a {@code System.Logger}, which
 * starts {@code java.util.logging} before the application could configure it.
 */
final class ConfigFile {
  private static final int MAX_DEPTH = 6;

  private final String file;
  private final Map<String, String> values = new LinkedHashMap<>();

  private ConfigFile(String file) {
    this.file = file;
  }

  /**
   * The file's settings by key without {@code weft.}; lists joined by commas, {@code labels} and
   * {@code ports} as on the command line.
   *
   * @throws IllegalArgumentException when the file cannot be read or is no mapping
   */
  static Map<String, String> read(String file) {
    ConfigFile config = new ConfigFile(file);
    LoaderOptions options = new LoaderOptions();
    try (Reader reader = new InputStreamReader(new FileInputStream(file), StandardCharsets.UTF_8)) {
      Node root =
          new Composer(new ParserImpl(new StreamReader(reader), options), new Resolver(), options)
              .getSingleNode();
      if (root != null) {
        config.add("", root, 0);
      }
    } catch (IOException e) {
      throw new IllegalArgumentException(
          "weft.config: cannot read " + file + ": " + e.getMessage(), e);
    } catch (YAMLException e) {
      throw new IllegalArgumentException("weft.config: " + file + ": " + e.getMessage(), e);
    }
    return config.values;
  }

  private void add(String key, Node node, int depth) {
    String name = key.startsWith("weft.") ? key.substring("weft.".length()) : key;
    if (node instanceof MappingNode mapping && depth < MAX_DEPTH) {
      if (name.equals("labels") || name.equals("ports")) {
        put(node, name, joined(mapping, name.equals("labels") ? "=" : ":"));
        return;
      }
      for (NodeTuple entry : mapping.getValue()) {
        String part = scalar(entry.getKeyNode());
        add(key.isEmpty() ? part : key + "." + part, entry.getValueNode(), depth + 1);
      }
    } else if (name.isEmpty()) {
      throw wrong(node, "expected key: value");
    } else if (node instanceof SequenceNode sequence) {
      List<String> items = new ArrayList<>();
      for (Node item : sequence.getValue()) {
        items.add(scalar(item));
      }
      put(node, name, String.join(",", items));
    } else if (!node.getTag().equals(Tag.NULL)) {
      put(node, name, scalar(node));
    }
  }

  private String joined(MappingNode mapping, String separator) {
    List<String> parts = new ArrayList<>();
    for (NodeTuple entry : mapping.getValue()) {
      parts.add(scalar(entry.getKeyNode()) + separator + scalar(entry.getValueNode()));
    }
    return String.join(",", parts);
  }

  private void put(Node node, String name, String value) {
    if (values.put(name, value) != null) {
      throw wrong(node, name + " is given twice");
    }
  }

  private String scalar(Node node) {
    if (node instanceof ScalarNode scalar) {
      return scalar.getValue();
    }
    throw wrong(node, "expected a plain value");
  }

  private IllegalArgumentException wrong(Node node, String message) {
    return new IllegalArgumentException(
        "weft.config: "
            + file
            + ":"
            + (node.getStartMark().getLine() + 1)
            + ":"
            + (node.getStartMark().getColumn() + 1)
            + " "
            + message);
  }
}
