package dev.weft.policy.document;

import dev.weft.policy.IpBlock;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** Reads the lists of alternatives that rules of access are made of. Stateless. */
final class Patterns {
  private static final int MAX_PORT = 65_535;
  private static final Pattern ACCOUNT = Pattern.compile("[A-Za-z0-9._-]{1,253}");

  private Patterns() {}

  /** Exact texts, {@code prefix*}, {@code *suffix} or {@code *}. */
  static List<String> read(Fields fields, String name) {
    List<Fields.Text> patterns = texts(fields, name);
    patterns.forEach(text -> check(fields, text));
    return values(patterns);
  }

  /** SPIFFE IDs without their scheme, as patterns. */
  static List<String> principals(Fields fields, String name) {
    List<Fields.Text> principals = texts(fields, name);
    for (Fields.Text text : principals) {
      check(fields, text);
      if (text.value().contains("://")) {
        fields.problem(Code.BAD_VALUE, text, "principals are written without \"spiffe://\"");
      }
    }
    return values(principals);
  }

  /** Service accounts as patterns of principals: {@code account} or {@code namespace/account}. */
  static List<String> serviceAccounts(Fields fields, String name, String ownNamespace) {
    List<String> principals = new ArrayList<>();
    for (Fields.Text text : texts(fields, name)) {
      String value = text.value();
      int slash = value.indexOf('/');
      String namespace = slash < 0 ? ownNamespace : value.substring(0, slash);
      String account = value.substring(slash + 1);
      if (value.contains("*")) {
        fields.problem(
            Code.BAD_VALUE, text, "service accounts are compared exactly, without \"*\"");
      } else if (!ACCOUNT.matcher(account).matches() || (slash >= 0 && !Names.isLabel(namespace))) {
        fields.problem(
            Code.BAD_VALUE,
            text,
            "expected a service account or namespace/account, found \"" + value + "\"");
      }
      principals.add("*/ns/" + namespace + "/sa/" + account);
    }
    return List.copyOf(principals);
  }

  /** IP addresses and networks. */
  static List<String> ipBlocks(Fields fields, String name) {
    List<Fields.Text> blocks = texts(fields, name);
    for (Fields.Text text : blocks) {
      try {
        IpBlock.parse(text.value());
      } catch (IllegalArgumentException e) {
        fields.problem(
            Code.BAD_VALUE,
            text,
            "expected an address such as 10.1.2.3 or a network such as 10.0.0.0/8, found \""
                + text.value()
                + "\"");
      }
    }
    return values(blocks);
  }

  /** Port numbers, as texts or as numbers. */
  static List<Integer> ports(Fields fields, String name) {
    List<Integer> ports = new ArrayList<>();
    for (Fields.Text text : notEmpty(fields, name, fields.textsOrNumbers(name))) {
      String port = text.value();
      if (port.matches("[1-9][0-9]{0,4}") && Integer.parseInt(port) <= MAX_PORT) {
        ports.add(Integer.valueOf(port));
      } else {
        fields.problem(Code.BAD_VALUE, text, "expected a port, 1 to 65535, found \"" + port + "\"");
      }
    }
    return List.copyOf(ports);
  }

  /** The texts of a list that must not be empty when it is there. */
  static List<Fields.Text> texts(Fields fields, String name) {
    return notEmpty(fields, name, fields.texts(name));
  }

  /** Notes what makes a text no pattern. */
  static void check(Fields fields, Fields.Text text) {
    String value = text.value();
    int star = value.indexOf('*');
    boolean atAnEnd = star == 0 || star == value.length() - 1;
    if (value.isEmpty()) {
      fields.problem(Code.BAD_VALUE, text, "an empty text matches nothing");
    } else if (star >= 0 && (!atAnEnd || star != value.lastIndexOf('*'))) {
      fields.problem(
          Code.BAD_VALUE,
          text,
          "one \"*\" may stand at the start or at the end, found \"" + value + "\"");
    }
  }

  static List<String> values(List<Fields.Text> texts) {
    return texts.stream().map(Fields.Text::value).toList();
  }

  private static List<Fields.Text> notEmpty(Fields fields, String name, List<Fields.Text> texts) {
    if (fields.has(name) && texts.isEmpty()) {
      fields.problem(Code.BAD_VALUE, name, "an empty list; leave the field out to mean any");
    }
    return texts;
  }
}
