package dev.weft.instrumentation;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodHandles.Lookup;
import java.lang.invoke.MethodType;
import org.jspecify.annotations.Nullable;

/**
 * Members of a library that an adapter cannot name in Java: they are not public, or only some
 * versions have them. An adapter looks them up while its class is initialised.
 *
 * <p>All arguments must be literals or constants: the build reads them from the class file, and
 * fails where it cannot. So what is looked up here is also recorded, and checked by the agent
 * before anything is woven. A class that uses this is initialised before its hook's first use, in a
 * loader to which the packages of {@link Instrumentation#opens} are open. What {@code optional…}
 * methods look up may be missing; where one of several must be there, the adapter throws a {@code
 * LinkageError} when none is, and its hook goes off.
 *
 * <p>Owners are binary names, descriptors are those of the class file (JVMS 4.3): {@code
 * (Ljava/lang/String;I)V}. Handles have the exact types of the member. Immutable.
 */
public final class HiddenMembers {
  private final Lookup adapter;

  private HiddenMembers(Lookup adapter) {
    this.adapter = adapter;
  }

  /**
   * Of the library that the adapter sees.
   *
   * @param adapter the adapter's own {@code MethodHandles.lookup()}
   */
  public static HiddenMembers of(Lookup adapter) {
    return new HiddenMembers(adapter);
  }

  /**
   * A class.
   *
   * @throws LinkageError when there is none
   */
  public Class<?> type(String owner) {
    try {
      return Class.forName(owner, false, loader());
    } catch (ClassNotFoundException e) {
      throw missing(e);
    }
  }

  /** A class; null: there is none. */
  public @Nullable Class<?> optionalType(String owner) {
    return optional(() -> type(owner));
  }

  /**
   * A method; the handle's first parameter is the owner.
   *
   * @throws LinkageError when there is none, as of all the others
   */
  public MethodHandle method(String owner, String name, String descriptor) {
    return required(() -> findMethod(owner, name, descriptor));
  }

  /** A method; null: there is none. */
  public @Nullable MethodHandle optionalMethod(String owner, String name, String descriptor) {
    return optional(() -> findMethod(owner, name, descriptor));
  }

  /** A static method. */
  public MethodHandle staticMethod(String owner, String name, String descriptor) {
    return required(
        () -> {
          Class<?> type = type(owner);
          return in(type).findStatic(type, name, methodType(descriptor));
        });
  }

  /** A constructor; its descriptor returns {@code V}. */
  public MethodHandle constructor(String owner, String descriptor) {
    return required(() -> findConstructor(owner, descriptor));
  }

  /** A constructor; null: there is none. */
  public @Nullable MethodHandle optionalConstructor(String owner, String descriptor) {
    return optional(() -> findConstructor(owner, descriptor));
  }

  /** Reads a field. */
  public MethodHandle getter(String owner, String name, String descriptor) {
    return required(() -> findGetter(owner, name, descriptor));
  }

  /** Reads a field; null: there is none. */
  public @Nullable MethodHandle optionalGetter(String owner, String name, String descriptor) {
    return optional(() -> findGetter(owner, name, descriptor));
  }

  /** Reads a static field. */
  public MethodHandle staticGetter(String owner, String name, String descriptor) {
    return required(
        () -> {
          Class<?> type = type(owner);
          return in(type).findStaticGetter(type, name, fieldType(descriptor));
        });
  }

  /** Writes a field. */
  public MethodHandle setter(String owner, String name, String descriptor) {
    return required(() -> findSetter(owner, name, descriptor));
  }

  /** Writes a field; null: there is none, or it is final. */
  public @Nullable MethodHandle optionalSetter(String owner, String name, String descriptor) {
    return optional(() -> findSetter(owner, name, descriptor));
  }

  private MethodHandle findMethod(String owner, String name, String descriptor)
      throws ReflectiveOperationException {
    Class<?> type = type(owner);
    return in(type).findVirtual(type, name, methodType(descriptor));
  }

  private MethodHandle findConstructor(String owner, String descriptor)
      throws ReflectiveOperationException {
    Class<?> type = type(owner);
    return in(type).findConstructor(type, methodType(descriptor));
  }

  private MethodHandle findGetter(String owner, String name, String descriptor)
      throws ReflectiveOperationException {
    Class<?> type = type(owner);
    return in(type).findGetter(type, name, fieldType(descriptor));
  }

  private MethodHandle findSetter(String owner, String name, String descriptor)
      throws ReflectiveOperationException {
    Class<?> type = type(owner);
    return in(type).findSetter(type, name, fieldType(descriptor));
  }

  /** What is public needs no open package. */
  private Lookup in(Class<?> type) {
    try {
      return MethodHandles.privateLookupIn(type, adapter);
    } catch (IllegalAccessException e) {
      return adapter;
    }
  }

  private MethodType methodType(String descriptor) {
    return MethodType.fromMethodDescriptorString(descriptor, loader());
  }

  private Class<?> fieldType(String descriptor) {
    return methodType("()" + descriptor).returnType();
  }

  private ClassLoader loader() {
    return adapter.lookupClass().getClassLoader();
  }

  private static <T> T required(Search<T> search) {
    try {
      return search.find();
    } catch (ReflectiveOperationException | TypeNotPresentException e) {
      throw missing(e);
    }
  }

  private static <T> @Nullable T optional(Search<T> search) {
    try {
      return search.find();
    } catch (ReflectiveOperationException | TypeNotPresentException | Missing e) {
      return null;
    }
  }

  private static Missing missing(Exception cause) {
    return new Missing(cause);
  }

  /** A search for a member. */
  private interface Search<T> {
    T find() throws ReflectiveOperationException;
  }

  /** The library has another shape than the adapter expects. */
  private static final class Missing extends LinkageError {
    private static final long serialVersionUID = 1L;

    Missing(Exception cause) {
      super(cause.toString(), cause);
    }
  }
}
