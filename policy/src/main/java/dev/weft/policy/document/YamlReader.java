package dev.weft.policy.document;

import dev.weft.policy.document.YamlValue.Scalar;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.DumperOptions.ScalarStyle;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.comments.CommentLine;
import org.yaml.snakeyaml.composer.Composer;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeId;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;
import org.yaml.snakeyaml.parser.ParserImpl;
import org.yaml.snakeyaml.reader.ReaderException;
import org.yaml.snakeyaml.reader.StreamReader;
import org.yaml.snakeyaml.resolver.Resolver;

/**
 * Reads a file's YAML into {@link YamlValue}s, with places and within bounds. Nothing is
 * constructed from tags: SnakeYAML is used up to its nodes only. Confined to one thread; one file.
 */
final class YamlReader {
  private static final int MAX_BYTES = 16 << 20;

  /**
   * SnakeYAML's reader copies what it looks ahead to, again and again: one token of 16 MiB takes it
   * minutes. Tokens that long are lines that long.
   */
  private static final int MAX_LINE = 256 << 10;

  private static final int MAX_DOCUMENTS = 100_000;

  /** Of one file. A value costs some hundred bytes while the file is read. */
  private static final int MAX_VALUES = 2_000_000;

  private static final int MAX_ALIASES = 50;
  private static final int MAX_DEPTH = 50;

  private static final YamlValue BEING_CONVERTED =
      new YamlValue.Sequence(new Place("", 0, 0), List.of());

  /** How many values aliases may add to one document when they are written out. */
  private static final long MAX_EXPANSION = 100_000;

  private final String file;
  private Problems problems = new Problems();

  /**
   * Lists and maps that aliases can refer to, by their nodes; one that is still being converted
   * stands for itself.
   */
  private final IdentityHashMap<Node, YamlValue> converted = new IdentityHashMap<>();

  private final IdentityHashMap<YamlValue, Long> expandedSizes = new IdentityHashMap<>();
  private long values;
  private boolean aliased;

  private YamlReader(String file) {
    this.file = file;
  }

  /**
   * A file's content.
   *
   * @param roots the documents that hold something
   * @param unreadable why the file could not be told apart into documents; then there are no roots
   */
  record Content(List<Root> roots, Optional<Diagnostic> unreadable) {}

  /**
   * One document.
   *
   * @param problems what is wrong on the level of YAML; to be filled by later readers
   */
  record Root(YamlValue value, Problems problems) {}

  /** Reads a file; never throws. */
  static Content read(SourceFile source) {
    return new YamlReader(source.name()).readAll(source.bytes());
  }

  private Content readAll(byte[] bytes) {
    if (bytes.length > MAX_BYTES) {
      return unreadable(Code.LIMIT, 1, 1, "the file is larger than " + MAX_BYTES + " bytes");
    }
    String text;
    ByteBuffer input = ByteBuffer.wrap(bytes);
    CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
    try {
      text = decoder.decode(input).toString();
    } catch (CharacterCodingException e) {
      String before = new String(bytes, 0, input.position(), StandardCharsets.UTF_8);
      return unreadable(
          Code.ENCODING, line(before), column(before), "the file is not UTF-8 from here on");
    }
    if (text.startsWith("\uFEFF")) {
      text = text.substring(1);
    }
    int longLine = lineBeyondLimit(text);
    if (longLine > 0) {
      return unreadable(
          Code.LIMIT, longLine, MAX_LINE, "the line is longer than " + MAX_LINE + " characters");
    }
    LoaderOptions options = new LoaderOptions();
    options.setMaxAliasesForCollections(MAX_ALIASES);
    options.setNestingDepthLimit(MAX_DEPTH);
    options.setCodePointLimit(MAX_BYTES);
    options.setAllowRecursiveKeys(false);
    options.setAllowDuplicateKeys(false);
    // Nothing is constructed, so no tag is dangerous; refused here, it costs its document only.
    options.setTagInspector(tag -> true);
    ParserImpl parser = null;
    try {
      parser = new ParserImpl(new StreamReader(text), options);
      Composer composer = new CountingComposer(parser, options);
      List<Root> roots = new ArrayList<>();
      while (composer.checkNode()) {
        root(composer.getNode()).ifPresent(roots::add);
        if (roots.size() > MAX_DOCUMENTS) {
          Place place = roots.get(MAX_DOCUMENTS).value().place();
          String message = "more than " + MAX_DOCUMENTS + " documents in one file";
          return unreadable(Code.LIMIT, place.line(), place.column(), message);
        }
      }
      return new Content(List.copyOf(roots), Optional.empty());
    } catch (MarkedYAMLException e) {
      Mark mark = e.getProblemMark() != null ? e.getProblemMark() : e.getContextMark();
      String problem = e.getProblem() == null ? String.valueOf(e.getContext()) : e.getProblem();
      return unreadable(Code.SYNTAX, lineOf(mark), columnOf(mark), "not YAML: " + problem);
    } catch (ReaderException e) {
      int end = Math.min(e.getPosition(), text.codePointCount(0, text.length()));
      String before = text.substring(0, text.offsetByCodePoints(0, end));
      String found = String.format("character U+%04X is not allowed", e.getCodePoint());
      return unreadable(Code.SYNTAX, line(before), column(before), "not YAML: " + found);
    } catch (YAMLException e) {
      Mark mark = positionOf(parser);
      return unreadable(Code.LIMIT, lineOf(mark), columnOf(mark), String.valueOf(e.getMessage()));
    } catch (RuntimeException e) {
      // Garbage makes the parser fail in its own ways, with an index or a number out of range.
      Mark mark = positionOf(parser);
      return unreadable(Code.SYNTAX, lineOf(mark), columnOf(mark), "not YAML: " + e);
    }
  }

  /**
   * Remembers what short plain texts are: a file says the same few thousands of times, and asking
   * costs several regular expressions. Confined to one file.
   */
  private static final class RememberingResolver extends Resolver {
    private static final int LONGEST = 32;
    private static final int MOST = 1024;

    private final Map<String, Tag> plain = new HashMap<>();

    @Override
    public Tag resolve(NodeId kind, String value, boolean implicit) {
      if (kind != NodeId.scalar || !implicit || value.length() > LONGEST) {
        return super.resolve(kind, value, implicit);
      }
      Tag known = plain.get(value);
      if (known == null) {
        known = super.resolve(kind, value, implicit);
        if (plain.size() < MOST) {
          plain.put(value, known);
        }
      }
      return known;
    }
  }

  /** Stops at {@link #MAX_VALUES}. */
  private static final class CountingComposer extends Composer {
    private int values;

    CountingComposer(ParserImpl parser, LoaderOptions options) {
      super(parser, new RememberingResolver(), options);
    }

    @Override
    protected Node composeScalarNode(@Nullable String anchor, List<CommentLine> comments) {
      values++;
      if (values > MAX_VALUES) {
        throw new YAMLException("more than " + MAX_VALUES + " values in one file");
      }
      return super.composeScalarNode(anchor, comments);
    }
  }

  private Content unreadable(Code code, int line, int column, String message) {
    String oneLine = message.replaceAll("\\s+", " ").trim();
    Diagnostic why = code.at(new Place(file, line, column), oneLine);
    return new Content(List.of(), Optional.of(why));
  }

  private Optional<Root> root(@Nullable Node node) {
    if (node == null) {
      return Optional.empty();
    }
    problems = new Problems();
    converted.clear();
    expandedSizes.clear();
    values = 0;
    aliased = false;
    YamlValue value = convert(node);
    if (value.isNull()) {
      return Optional.empty();
    }
    if (aliased && expandedSize(value) - values > MAX_EXPANSION) {
      problems.add(
          Code.LIMIT,
          value.place(),
          "",
          "aliases make the document more than " + MAX_EXPANSION + " values larger");
      // What is left is small, and enough to say that this document is broken.
      value = new YamlValue.Mapping(value.place(), List.of());
    }
    return Optional.of(new Root(value, problems));
  }

  private YamlValue convert(Node node) {
    Place place = place(node.getStartMark());
    if (node instanceof ScalarNode scalar) {
      values++;
      return scalar(scalar, place);
    }
    boolean named = node.getAnchor() != null; // else no alias can lead here
    YamlValue known = named ? converted.get(node) : null;
    if (known == BEING_CONVERTED) {
      problems.add(Code.YAML_FEATURE, place, "", "an alias refers to what contains it");
      return new Scalar(place, Scalar.Type.NULL, "");
    }
    if (known != null) {
      aliased = true;
      return known;
    }
    values++;
    if (named) {
      converted.put(node, BEING_CONVERTED);
    }
    YamlValue value;
    if (node instanceof MappingNode mapping) {
      checkTag(node, place, Tag.MAP);
      value = mapping(mapping, place);
    } else {
      checkTag(node, place, Tag.SEQ);
      value = sequence((SequenceNode) node, place);
    }
    if (named) {
      converted.put(node, value);
    }
    return value;
  }

  private YamlValue sequence(SequenceNode sequence, Place place) {
    List<YamlValue> elements = new ArrayList<>(sequence.getValue().size());
    for (Node element : sequence.getValue()) {
      elements.add(convert(element));
    }
    return new YamlValue.Sequence(place, List.copyOf(elements));
  }

  private YamlValue mapping(MappingNode mapping, Place place) {
    Map<String, Place> seen = new HashMap<>();
    List<YamlValue.Entry> entries = new ArrayList<>();
    for (NodeTuple tuple : mapping.getValue()) {
      Place keyPlace = place(tuple.getKeyNode().getStartMark());
      if (!(tuple.getKeyNode() instanceof ScalarNode key)) {
        problems.add(Code.YAML_FEATURE, keyPlace, "", "a key must be a plain text");
        continue;
      }
      if (key.getTag().equals(Tag.MERGE)) {
        problems.add(Code.YAML_FEATURE, keyPlace, "", "merge keys (<<) are not supported");
        continue;
      }
      String name = key.getValue();
      Place first = seen.putIfAbsent(name, keyPlace);
      if (first != null) {
        problems.add(
            Code.DUPLICATE_KEY,
            keyPlace,
            "",
            "key \"" + name + "\" stands here twice, first in line " + first.line());
        continue;
      }
      entries.add(new YamlValue.Entry(keyPlace, name, convert(tuple.getValueNode())));
    }
    return new YamlValue.Mapping(place, List.copyOf(entries));
  }

  private Scalar scalar(ScalarNode node, Place place) {
    Tag tag = node.getTag();
    Scalar.Type type = Scalar.Type.STRING;
    if (tag.equals(Tag.INT)) {
      type = Scalar.Type.INT;
    } else if (tag.equals(Tag.FLOAT)) {
      type = Scalar.Type.FLOAT;
    } else if (tag.equals(Tag.BOOL)) {
      type = Scalar.Type.BOOL;
    } else if (tag.equals(Tag.NULL)) {
      type = Scalar.Type.NULL;
    } else if (!implicitText(node)) {
      checkTag(node, place, Tag.STR);
    }
    return new Scalar(place, type, node.getValue());
  }

  /** Dates and a lone {@code <<} are texts here, as they are in Kubernetes. */
  private static boolean implicitText(ScalarNode node) {
    return node.getScalarStyle() == ScalarStyle.PLAIN
        && (node.getTag().equals(Tag.TIMESTAMP) || node.getTag().equals(Tag.MERGE));
  }

  private void checkTag(Node node, Place place, Tag expected) {
    if (!node.getTag().equals(expected)) {
      problems.add(Code.YAML_FEATURE, place, "", "tag " + node.getTag() + " is not supported here");
    }
  }

  private long expandedSize(YamlValue value) {
    if (value instanceof Scalar) {
      return 1;
    }
    Long known = expandedSizes.get(value);
    if (known != null) {
      return known;
    }
    long size = 1;
    if (value instanceof YamlValue.Mapping mapping) {
      for (YamlValue.Entry entry : mapping.entries()) {
        size = Math.min(size + expandedSize(entry.value()), Integer.MAX_VALUE);
      }
    } else if (value instanceof YamlValue.Sequence sequence) {
      for (YamlValue element : sequence.values()) {
        size = Math.min(size + expandedSize(element), Integer.MAX_VALUE);
      }
    }
    expandedSizes.put(value, size);
    return size;
  }

  private Place place(Mark mark) {
    return new Place(file, lineOf(mark), columnOf(mark));
  }

  private static @Nullable Mark positionOf(@Nullable ParserImpl parser) {
    try {
      return parser == null || parser.peekEvent() == null
          ? null
          : parser.peekEvent().getStartMark();
    } catch (RuntimeException e) {
      // The parser stands where it cannot go on; then the file as a whole is the place.
      return null;
    }
  }

  private static int lineBeyondLimit(String text) {
    int line = 1;
    int start = 0;
    while (start < text.length()) {
      int end = text.indexOf('\n', start);
      end = end < 0 ? text.length() : end;
      if (end - start > MAX_LINE) {
        return line;
      }
      start = end + 1;
      line++;
    }
    return 0;
  }

  private static int lineOf(@Nullable Mark mark) {
    return mark == null ? 1 : mark.getLine() + 1;
  }

  private static int columnOf(@Nullable Mark mark) {
    return mark == null ? 1 : mark.getColumn() + 1;
  }

  private static int line(String before) {
    return 1 + (int) before.chars().filter(c -> c == '\n').count();
  }

  private static int column(String before) {
    String line = before.substring(before.lastIndexOf('\n') + 1);
    return 1 + line.codePointCount(0, line.length());
  }
}
