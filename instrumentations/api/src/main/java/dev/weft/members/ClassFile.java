package dev.weft.members;

import java.util.List;
import java.util.function.ObjIntConsumer;
import java.util.stream.IntStream;
import net.bytebuddy.jar.asm.ClassReader;
import net.bytebuddy.jar.asm.Opcodes;
import net.bytebuddy.utility.OpenedClassReader;
import org.jspecify.annotations.Nullable;

/**
 * What a class file says of its class: no code, and of its members what somebody asks for. A start
 * looks at hundreds of files, so this walks over their structure (JVMS 4.1) and decodes the names
 * that are compared, where a visitor would decode everything. Confined to one thread.
 */
final class ClassFile {
  private static final int SHORT = 2;

  /** Access, name and descriptor of a member, before its attributes. */
  private static final int MEMBER = 3 * SHORT;

  /** Name and length of an attribute, before what it holds. */
  private static final int ATTRIBUTE = SHORT + 4;

  private final ClassReader reader;
  private final char[] buffer;
  private final List<String> interfaces;

  /** Where each begins. */
  private final int[] fields;

  private final int[] methods;

  private ClassFile(ClassReader reader) {
    this.reader = reader;
    this.buffer = new char[reader.getMaxStringLength()];
    // header: access, this class, superclass, interfaces
    int count = reader.header + 3 * SHORT;
    int first = count + SHORT;
    int end = first + SHORT * reader.readUnsignedShort(count);
    this.interfaces =
        IntStream.iterate(first, at -> at < end, at -> at + SHORT)
            .mapToObj(at -> binary(reader.readClass(at, buffer)))
            .toList();
    this.fields = new int[reader.readUnsignedShort(end)];
    int afterFields = members(end + SHORT, fields);
    this.methods = new int[reader.readUnsignedShort(afterFields)];
    members(afterFields + SHORT, methods);
  }

  /** Notes where members begin; where they end. */
  private int members(int first, int[] found) {
    int at = first;
    for (int i = 0; i < found.length; i++) {
      found[i] = at;
      int attributes = reader.readUnsignedShort(at + MEMBER);
      at += MEMBER + SHORT;
      for (int left = attributes; left > 0; left--) {
        at += ATTRIBUTE + reader.readInt(at + SHORT);
      }
    }
    return at;
  }

  /** Reads a class file of a version that Byte Buddy weaves. */
  static ClassFile parse(byte[] bytes) {
    return new ClassFile(OpenedClassReader.of(bytes));
  }

  static String binary(String internalName) {
    return internalName.replace('/', '.');
  }

  int access() {
    return reader.readUnsignedShort(reader.header);
  }

  boolean isInterface() {
    return (access() & Opcodes.ACC_INTERFACE) != 0;
  }

  /** Null: this is {@code Object}. */
  @Nullable String superclass() {
    String name = reader.readClass(reader.header + 2 * SHORT, buffer);
    return name == null ? null : binary(name);
  }

  List<String> interfaces() {
    return interfaces;
  }

  /** Flags of the method {@code name(descriptor)result} that it declares; null: none. */
  @Nullable Integer method(String member) {
    int descriptor = member.indexOf('(');
    return flags(methods, member, descriptor, descriptor);
  }

  /** Flags of the field {@code name:descriptor} that it declares; null: none. */
  @Nullable Integer field(String member) {
    int colon = member.indexOf(':');
    return flags(fields, member, colon, colon + 1);
  }

  private @Nullable Integer flags(int[] members, String member, int endOfName, int descriptor) {
    for (int at : members) {
      String name = name(at);
      if (name.length() == endOfName
          && member.startsWith(name)
          && member.substring(descriptor).equals(descriptor(at))) {
        return reader.readUnsignedShort(at);
      }
    }
    return null;
  }

  /** Tells {@code name(descriptor)result} and flags of each method that it declares. */
  void eachMethod(ObjIntConsumer<String> memberAndFlags) {
    for (int at : methods) {
      memberAndFlags.accept(name(at) + descriptor(at), reader.readUnsignedShort(at));
    }
  }

  private String name(int member) {
    return reader.readUTF8(member + SHORT, buffer);
  }

  private String descriptor(int member) {
    return reader.readUTF8(member + 2 * SHORT, buffer);
  }
}
