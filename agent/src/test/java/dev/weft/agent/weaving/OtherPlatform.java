package dev.weft.agent.weaving;

import java.io.FileDescriptor;
import java.net.SocketAddress;
import java.nio.channels.CompletionHandler;
import java.nio.channels.Selector;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import net.bytebuddy.jar.asm.ClassWriter;
import net.bytebuddy.jar.asm.MethodVisitor;
import net.bytebuddy.jar.asm.Opcodes;
import net.bytebuddy.jar.asm.Type;

/**
 * A JDK of another platform or update, as far as it differs from the one that runs us: the names of
 * the classes that it has and lacks, and the signatures of the methods that matter, as the sources
 * of OpenJDK declare them. The stand-in class files have nothing else in them.
 */
final class OtherPlatform implements JdkClasses {
  private static final String PACKAGE = "sun.nio.ch.";
  private static final String THREAD = "java.lang.Thread";
  private static final Class<?> FD = FileDescriptor.class;
  private static final List<Method> SELECTOR =
      List.of(
          new Method("doSelect", int.class, Consumer.class, long.class),
          new Method("wakeup", Selector.class));

  /** macOS, 17 to 25: kqueue and poll, the Unix classes otherwise. */
  static final OtherPlatform MACOS =
      new OtherPlatform(
          Set.of("EPollSelectorImpl", "EPollPort", "EPoll"),
          Map.of("KQueueSelectorImpl", new StandIn("SelectorImpl", SELECTOR)));

  /** Windows, 17 to 25: no Unix classes, closing by one call, overlapped asynchronous channels. */
  static final OtherPlatform WINDOWS =
      new OtherPlatform(
          Set.of(
              "UnixDispatcher",
              "EPollSelectorImpl",
              "PollSelectorImpl",
              "EPollPort",
              "Port",
              "EPoll",
              "UnixAsynchronousSocketChannelImpl",
              "UnixAsynchronousServerSocketChannelImpl"),
          Map.of(
              "SocketDispatcher",
              new StandIn(
                  "NativeDispatcher",
                  List.of(
                      io("read", int.class),
                      io("readv", long.class),
                      io("write", int.class),
                      io("writev", long.class),
                      new Method("close", void.class, FileDescriptor.class))),
              "WEPollSelectorImpl",
              new StandIn("SelectorImpl", SELECTOR),
              "WindowsSelectorImpl",
              new StandIn("SelectorImpl", SELECTOR),
              "WindowsAsynchronousSocketChannelImpl",
              new StandIn(
                  "AsynchronousSocketChannelImpl",
                  List.of(
                      new Method(
                          "implConnect",
                          Future.class,
                          SocketAddress.class,
                          Object.class,
                          CompletionHandler.class))),
              "WindowsAsynchronousServerSocketChannelImpl",
              new StandIn(
                  "AsynchronousServerSocketChannelImpl",
                  List.of(
                      new Method(
                          "implAccept", Future.class, Object.class, CompletionHandler.class)))));

  /** Linux, 17.0.0 to 17.0.19: who calls {@code preClose} signals the threads. */
  static final OtherPlatform LINUX_17_0_19 = linux17(new Method("preClose", void.class, FD));

  /** Linux, the newer updates of 17: {@code preClose} signals them itself. */
  static final OtherPlatform LINUX_17_0_21 =
      linux17(new Method("preClose", void.class, FD, long.class, long.class));

  /** Windows, 17.0.0 to 17.0.19: only the shared dispatcher declares {@code preClose}. */
  static final OtherPlatform WINDOWS_17_0_19 = WINDOWS.with(new Method("preClose", void.class, FD));

  /** Linux, 21: the older shape with virtual threads, for which it is not called. */
  static final OtherPlatform LINUX_21 =
      LINUX_17_0_19.with(THREAD, new Method("isVirtual", boolean.class));

  /** Of no JDK that is known. */
  static final OtherPlatform STRANGE_LINUX =
      linux17(new Method("preClose", void.class, FD, int.class));

  private record Method(String name, Class<?> result, List<Class<?>> parameters) {
    Method(String name, Class<?> result, Class<?>... parameters) {
      this(name, result, List.of(parameters));
    }
  }

  private record StandIn(String superclass, List<Method> methods) {}

  private final Set<String> lacks;
  private final Map<String, StandIn> has;

  private OtherPlatform(Set<String> lacks, Map<String, StandIn> has) {
    this.lacks = lacks;
    this.has = has;
  }

  private static OtherPlatform linux17(Method preClose) {
    return new OtherPlatform(
            Set.of("UnixDispatcher"),
            Map.of(
                "SocketDispatcher",
                new StandIn(
                    "NativeDispatcher",
                    List.of(
                        io("read", int.class),
                        io("readv", long.class),
                        io("write", int.class),
                        io("writev", long.class),
                        new Method("close", void.class, FD),
                        preClose))))
        .with(preClose);
  }

  private OtherPlatform with(Method preClose) {
    return with("NativeDispatcher", preClose).with(THREAD);
  }

  private OtherPlatform with(String type, Method... methods) {
    Map<String, StandIn> all = new HashMap<>(has);
    all.put(type, new StandIn("java.lang.Object", List.of(methods)));
    return new OtherPlatform(lacks, Map.copyOf(all));
  }

  private static Method io(String name, Class<?> result) {
    return new Method(name, result, FileDescriptor.class, long.class, int.class);
  }

  /** The classes that only this platform has, and those that differ there. */
  Set<String> standIns() {
    Set<String> names = new java.util.TreeSet<>();
    has.keySet().forEach(name -> names.add(PACKAGE + name));
    return names;
  }

  @Override
  public boolean present(String type) {
    return has.containsKey(simple(type))
        || (!lacks.contains(simple(type)) && RUNNING.present(type));
  }

  @Override
  public boolean declares(String type, String method, Class<?>... parameters) {
    StandIn standIn = has.get(simple(type));
    if (standIn == null) {
      return present(type) && RUNNING.declares(type, method, parameters);
    }
    return standIn.methods().stream()
        .anyMatch(
            each ->
                each.name().equals(method) && each.parameters().equals(Arrays.asList(parameters)));
  }

  /** A class file with the recorded methods, which do nothing. */
  byte[] classFile(String type) {
    StandIn standIn = new HashMap<>(has).get(simple(type));
    ClassWriter writer = new ClassWriter(ClassWriter.COMPUTE_MAXS);
    writer.visit(
        Opcodes.V17,
        Opcodes.ACC_SUPER,
        type.replace('.', '/'),
        null,
        (standIn.superclass().contains(".") ? standIn.superclass() : PACKAGE + standIn.superclass())
            .replace('.', '/'),
        null);
    for (Method method : standIn.methods()) {
      Type result = Type.getType(method.result());
      MethodVisitor body =
          writer.visitMethod(
              0,
              method.name(),
              Type.getMethodDescriptor(
                  result, method.parameters().stream().map(Type::getType).toArray(Type[]::new)),
              null,
              null);
      body.visitCode();
      nothing(body, result);
      body.visitMaxs(0, 0);
      body.visitEnd();
    }
    writer.visitEnd();
    return writer.toByteArray();
  }

  private static void nothing(MethodVisitor body, Type result) {
    switch (result.getSort()) {
      case Type.VOID -> {}
      case Type.INT, Type.BOOLEAN -> body.visitInsn(Opcodes.ICONST_0);
      case Type.LONG -> body.visitInsn(Opcodes.LCONST_0);
      default -> body.visitInsn(Opcodes.ACONST_NULL);
    }
    body.visitInsn(result.getOpcode(Opcodes.IRETURN));
  }

  private static String simple(String type) {
    return type.startsWith(PACKAGE) ? type.substring(PACKAGE.length()) : type;
  }
}
