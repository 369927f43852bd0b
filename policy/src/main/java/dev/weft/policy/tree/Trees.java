package dev.weft.policy.tree;

import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Turns records into trees of {@link Map}, {@link List}, {@link String}, {@link Long}, {@link
 * Double} and {@link Boolean}, and back. Stateless; thread-safe.
 *
 * <p>A record becomes a map from component name to value, in order of declaration; an enum its
 * name; a {@link Duration} its ISO-8601 text; an empty {@link Optional} an absent key; a map a map
 * with its keys as text, in ascending order. So equal values always give equal trees, down to the
 * order of keys.
 *
 * <p>Reading ignores keys it does not know, so that old agents read new servers. An absent list,
 * map or {@code Optional} reads as empty; any other absent value is an error, because a made-up
 * default could turn a refusal into a permission.
 */
public final class Trees {
  private static final ClassValue<Shape> SHAPES =
      new ClassValue<>() {
        @Override
        protected Shape computeValue(Class<?> type) {
          return Shape.of(type);
        }
      };

  private Trees() {}

  /** The tree of a record. */
  public static Map<String, Object> toTree(Record record) {
    Map<String, Object> tree = new LinkedHashMap<>();
    Shape shape = SHAPES.get(record.getClass());
    for (RecordComponent component : shape.components()) {
      Object value = shape.read(component, record);
      if (value instanceof Optional<?> optional) {
        optional.ifPresent(present -> tree.put(component.getName(), write(present)));
      } else {
        tree.put(component.getName(), write(value));
      }
    }
    return tree;
  }

  /**
   * The record of a tree.
   *
   * @throws IllegalArgumentException with the path of the value that does not fit
   */
  public static <T extends Record> T fromTree(Map<?, ?> tree, Class<T> type) {
    return type.cast(readRecord(tree, type, ""));
  }

  private static Object write(Object value) {
    if (value instanceof Record record) {
      return toTree(record);
    }
    if (value instanceof Enum<?> constant) {
      return constant.name();
    }
    if (value instanceof Duration || value instanceof String || value instanceof Boolean) {
      return value instanceof Duration ? value.toString() : value;
    }
    if (value instanceof Integer || value instanceof Long) {
      return ((Number) value).longValue();
    }
    if (value instanceof Double) {
      return value;
    }
    if (value instanceof Collection<?> collection) {
      List<Object> list = new ArrayList<>(collection.size());
      collection.forEach(element -> list.add(write(element)));
      return list;
    }
    if (value instanceof Map<?, ?> map) {
      Map<String, Object> sorted = new TreeMap<>();
      map.forEach((key, element) -> sorted.put(key.toString(), write(element)));
      return new LinkedHashMap<>(sorted);
    }
    throw new IllegalArgumentException("no tree for a value of " + value.getClass());
  }

  private static Object read(@Nullable Object tree, Type type, String path) {
    if (type instanceof ParameterizedType generic) {
      return readGeneric(tree, generic, path);
    }
    Class<?> plain = (Class<?>) type;
    if (tree == null) {
      throw new IllegalArgumentException(path + ": missing");
    }
    if (plain.isRecord()) {
      return readRecord(tree, plain, path);
    }
    if (plain.isEnum()) {
      return readEnum(tree, plain, path);
    }
    if (plain == String.class && tree instanceof String) {
      return tree;
    }
    if ((plain == boolean.class || plain == Boolean.class) && tree instanceof Boolean) {
      return tree;
    }
    if ((plain == double.class || plain == Double.class) && tree instanceof Number number) {
      return number.doubleValue();
    }
    if ((plain == long.class || plain == Long.class) && wholeNumber(tree)) {
      return ((Number) tree).longValue();
    }
    if ((plain == int.class || plain == Integer.class) && wholeNumber(tree)) {
      long number = ((Number) tree).longValue();
      if (number == (int) number) {
        return (int) number;
      }
    }
    if (plain == Duration.class && tree instanceof String text) {
      try {
        return Duration.parse(text);
      } catch (DateTimeParseException e) {
        throw unexpected("an ISO-8601 duration", tree, path, e);
      }
    }
    throw unexpected(plain.getSimpleName(), tree, path, null);
  }

  private static Object readGeneric(@Nullable Object tree, ParameterizedType type, String path) {
    Type[] arguments = type.getActualTypeArguments();
    if (type.getRawType() == Optional.class) {
      return tree == null ? Optional.empty() : Optional.of(read(tree, arguments[0], path));
    }
    if (type.getRawType() == List.class) {
      return readList(tree, arguments[0], path);
    }
    if (type.getRawType() == Map.class) {
      return readMap(tree, arguments[0], arguments[1], path);
    }
    throw new IllegalArgumentException(path + ": no tree for " + type);
  }

  private static List<Object> readList(@Nullable Object tree, Type element, String path) {
    if (tree == null) {
      return List.of();
    }
    if (!(tree instanceof List<?> list)) {
      throw unexpected("a list", tree, path, null);
    }
    List<Object> values = new ArrayList<>(list.size());
    for (int i = 0; i < list.size(); i++) {
      values.add(read(list.get(i), element, path + "[" + i + "]"));
    }
    return Collections.unmodifiableList(values);
  }

  private static Map<Object, Object> readMap(
      @Nullable Object tree, Type key, Type value, String path) {
    if (tree == null) {
      return Map.of();
    }
    if (!(tree instanceof Map<?, ?> map)) {
      throw unexpected("a map", tree, path, null);
    }
    Map<Object, Object> values = new LinkedHashMap<>();
    map.forEach(
        (name, element) -> {
          String inner = path + "." + name;
          values.put(readKey(String.valueOf(name), key, inner), read(element, value, inner));
        });
    return Collections.unmodifiableMap(values);
  }

  private static Object readKey(String name, Type type, String path) {
    if (type == String.class) {
      return name;
    }
    if (type == Integer.class) {
      try {
        return Integer.valueOf(name);
      } catch (NumberFormatException e) {
        throw unexpected("a whole number as key", name, path, e);
      }
    }
    throw new IllegalArgumentException(path + ": no tree for keys of " + type);
  }

  private static Object readRecord(Object tree, Class<?> type, String path) {
    if (!(tree instanceof Map<?, ?> map)) {
      throw unexpected("a map", tree, path, null);
    }
    Shape shape = SHAPES.get(type);
    Object[] values = new Object[shape.components().size()];
    for (int i = 0; i < values.length; i++) {
      RecordComponent component = shape.components().get(i);
      String inner = path.isEmpty() ? component.getName() : path + "." + component.getName();
      values[i] = read(map.get(component.getName()), component.getGenericType(), inner);
    }
    return shape.create(values, path);
  }

  private static Object readEnum(Object tree, Class<?> type, String path) {
    for (Object constant : type.getEnumConstants()) {
      if (((Enum<?>) constant).name().equals(tree)) {
        return constant;
      }
    }
    throw unexpected("a " + type.getSimpleName(), tree, path, null);
  }

  private static boolean wholeNumber(Object tree) {
    return tree instanceof Integer || tree instanceof Long || tree instanceof Short;
  }

  private static IllegalArgumentException unexpected(
      String expected, Object found, String path, @Nullable Exception cause) {
    String shown = found instanceof String ? "\"" + found + "\"" : found.getClass().getSimpleName();
    return new IllegalArgumentException(
        path + ": expected " + expected + ", found " + shown, cause);
  }

  /** A record type as reflection sees it, looked up once. */
  private record Shape(List<RecordComponent> components, Constructor<?> constructor) {
    static Shape of(Class<?> type) {
      RecordComponent[] components = type.getRecordComponents();
      Class<?>[] types = new Class<?>[components.length];
      for (int i = 0; i < components.length; i++) {
        types[i] = components[i].getType();
        // Records of other packages may be package-private.
        components[i].getAccessor().setAccessible(true);
      }
      try {
        Constructor<?> constructor = type.getDeclaredConstructor(types);
        constructor.setAccessible(true);
        return new Shape(List.of(components), constructor);
      } catch (NoSuchMethodException e) {
        throw new IllegalArgumentException("not a record: " + type, e);
      }
    }

    Object read(RecordComponent component, Record record) {
      try {
        return component.getAccessor().invoke(record);
      } catch (ReflectiveOperationException e) {
        throw new IllegalStateException("cannot read " + component, e);
      }
    }

    Object create(Object[] values, String path) {
      try {
        return constructor.newInstance(values);
      } catch (InvocationTargetException e) {
        throw new IllegalArgumentException(
            (path.isEmpty() ? "" : path + ": ") + e.getCause(), e.getCause());
      } catch (ReflectiveOperationException e) {
        throw new IllegalStateException("cannot create " + constructor, e);
      }
    }
  }
}
