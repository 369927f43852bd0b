package dev.weft.instrumentation.httpurlconnection;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodHandles.Lookup;
import java.lang.invoke.MethodType;
import java.lang.reflect.Method;
import java.net.HttpURLConnection;
import java.net.Proxy;
import java.net.Socket;
import java.net.URL;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The members of {@code sun.net.www} that the adapter needs, resolved once; initialising this class
 * is the probe for all of them. Objects of these packages appear as {@code Object}. Stateless.
 */
final class JdkHttp {
  private static final MethodHandle NEW_CLIENT;
  private static final MethodHandle BARE_CLIENT;
  private static final MethodHandle CACHED;
  private static final MethodHandle PARSE;
  private static final MethodHandle WRITE;
  private static final MethodHandle GET_READ_TIMEOUT;
  private static final MethodHandle SET_READ_TIMEOUT;
  private static final MethodHandle IGNORE_CONTINUE;
  private static final MethodHandle CLIENT_POSTER;
  private static final MethodHandle SET_URL;
  private static final MethodHandle SET_SOCKET;
  private static final MethodHandle SET_OUTPUT;
  private static final MethodHandle GET_OUTPUT;
  private static final MethodHandle REQUESTS;
  private static final MethodHandle POSTER;
  private static final MethodHandle STREAMING;
  private static final MethodHandle SET_HTTP;
  private static final MethodHandle SET_PS;
  private static final MethodHandle NEW_HEADERS;
  private static final MethodHandle HEADER_KEY;
  private static final MethodHandle HEADER_VALUE;
  private static final MethodHandle HEADER_VALUES;
  private static final MethodHandle HEADER_ADD;
  private static final MethodHandle HEADER_SET;
  private static final MethodHandle HEADER_REMOVE;
  private static final MethodHandle HEADER_RESET;
  private static final MethodHandle HEADER_REPLACE;
  private static final MethodHandle CLOSE_SERVER;

  static {
    try {
      Class<?> client = Class.forName("sun.net.www.http.HttpClient");
      Class<?> poster = Class.forName("sun.net.www.http.PosterOutputStream");
      Class<?> headers = Class.forName("sun.net.www.MessageHeader");
      Class<?> connection = Class.forName("sun.net.www.protocol.http.HttpURLConnection");
      Lookup inClient = MethodHandles.privateLookupIn(client, MethodHandles.lookup());
      Lookup inHeaders = MethodHandles.privateLookupIn(headers, MethodHandles.lookup());
      Lookup inConnection = MethodHandles.privateLookupIn(connection, MethodHandles.lookup());
      NEW_CLIENT =
          generic(
              inClient.findStatic(
                  client,
                  "New",
                  MethodType.methodType(
                      client, URL.class, Proxy.class, int.class, boolean.class, connection)));
      BARE_CLIENT = generic(inClient.findConstructor(client, MethodType.methodType(void.class)));
      CACHED =
          generic(
              inClient.findVirtual(
                  client, "isCachedConnection", MethodType.methodType(boolean.class)));
      PARSE = parseHandle(inClient, client);
      WRITE =
          generic(
              inClient.findVirtual(
                  client,
                  "writeRequests",
                  MethodType.methodType(void.class, headers, poster, boolean.class)));
      GET_READ_TIMEOUT =
          generic(inClient.findVirtual(client, "getReadTimeout", MethodType.methodType(int.class)));
      SET_READ_TIMEOUT =
          generic(
              inClient.findVirtual(
                  client, "setReadTimeout", MethodType.methodType(void.class, int.class)));
      IGNORE_CONTINUE = generic(inClient.findGetter(client, "ignoreContinue", boolean.class));
      CLIENT_POSTER = generic(inClient.findGetter(client, "poster", poster));
      SET_URL = generic(inClient.findSetter(client, "url", URL.class));
      SET_SOCKET = generic(inClient.findSetter(client, "serverSocket", Socket.class));
      SET_OUTPUT = generic(inClient.findSetter(client, "serverOutput", PrintStream.class));
      GET_OUTPUT = generic(inClient.findGetter(client, "serverOutput", PrintStream.class));
      REQUESTS = generic(inConnection.findGetter(connection, "requests", headers));
      POSTER = generic(inConnection.findGetter(connection, "poster", poster));
      STREAMING =
          generic(
              inConnection.findVirtual(
                  connection, "streaming", MethodType.methodType(boolean.class)));
      SET_HTTP = generic(inConnection.findSetter(connection, "http", client));
      SET_PS = generic(inConnection.findSetter(connection, "ps", PrintStream.class));
      NEW_HEADERS = generic(inHeaders.findConstructor(headers, MethodType.methodType(void.class)));
      HEADER_KEY =
          generic(
              inHeaders.findVirtual(
                  headers, "getKey", MethodType.methodType(String.class, int.class)));
      HEADER_VALUE =
          generic(
              inHeaders.findVirtual(
                  headers, "getValue", MethodType.methodType(String.class, int.class)));
      HEADER_VALUES =
          generic(
              inHeaders.findVirtual(
                  headers,
                  "multiValueIterator",
                  MethodType.methodType(Iterator.class, String.class)));
      MethodType edit = MethodType.methodType(void.class, String.class, String.class);
      HEADER_ADD = generic(inHeaders.findVirtual(headers, "add", edit));
      HEADER_SET = generic(inHeaders.findVirtual(headers, "set", edit));
      HEADER_REMOVE =
          generic(
              inHeaders.findVirtual(
                  headers, "remove", MethodType.methodType(void.class, String.class)));
      HEADER_REPLACE =
          generic(
              inHeaders.findVirtual(
                  headers,
                  "set",
                  MethodType.methodType(void.class, int.class, String.class, String.class)));
      CLOSE_SERVER =
          generic(inClient.findVirtual(client, "closeServer", MethodType.methodType(void.class)));
      HEADER_RESET =
          generic(inHeaders.findVirtual(headers, "reset", MethodType.methodType(void.class)));
    } catch (ReflectiveOperationException e) {
      throw new LinkageError("HttpURLConnection has another shape than expected", e);
    }
  }

  private JdkHttp() {}

  /** {@code HttpClient.New} without proxy. */
  static Object newClient(
      URL url, int connectTimeout, boolean useCache, HttpURLConnection connection)
      throws IOException {
    try {
      return (Object)
          NEW_CLIENT.invoke(url, Proxy.NO_PROXY, connectTimeout, useCache, (Object) connection);
    } catch (Throwable t) {
      throw JdkHttp.<IOException>rethrow(t);
    }
  }

  /** A client whose connection is the given socket. */
  static Object answering(URL url, Socket socket) throws IOException {
    try {
      Object client = (Object) BARE_CLIENT.invoke();
      SET_URL.invoke(client, url);
      SET_SOCKET.invoke(client, socket);
      SET_OUTPUT.invoke(client, new PrintStream(socket.getOutputStream(), false, "UTF-8"));
      return client;
    } catch (Throwable t) {
      throw JdkHttp.<IOException>rethrow(t);
    }
  }

  /** Whether the connection came from the keep-alive cache. */
  static boolean cached(Object client) {
    try {
      return (boolean) CACHED.invoke(client);
    } catch (Throwable t) {
      throw JdkHttp.<RuntimeException>rethrow(t);
    }
  }

  /** {@code HttpClient.parseHTTP} with the arguments that the library gave. */
  static Object parse(Object client, Object[] arguments) throws IOException {
    try {
      return (Object) PARSE.invoke(client, arguments);
    } catch (Throwable t) {
      throw JdkHttp.<IOException>rethrow(t);
    }
  }

  /** {@code HttpClient.writeRequests} of a request that is not streamed. */
  static void write(Object client, Object head, @Nullable Object body) throws IOException {
    try {
      WRITE.invoke(client, head, body, false);
    } catch (Throwable t) {
      throw JdkHttp.<IOException>rethrow(t);
    }
  }

  /** Read timeout in milliseconds; zero or less: none. */
  static int readTimeout(Object client) {
    try {
      return (int) GET_READ_TIMEOUT.invoke(client);
    } catch (Throwable t) {
      throw JdkHttp.<RuntimeException>rethrow(t);
    }
  }

  /** Sets the read timeout of the connection's socket. */
  static void readTimeout(Object client, int millis) {
    try {
      SET_READ_TIMEOUT.invoke(client, millis);
    } catch (Throwable t) {
      throw JdkHttp.<RuntimeException>rethrow(t);
    }
  }

  /** False while the library waits for {@code 100 Continue}. */
  static boolean ignoresContinue(Object client) {
    try {
      return (boolean) IGNORE_CONTINUE.invoke(client);
    } catch (Throwable t) {
      throw JdkHttp.<RuntimeException>rethrow(t);
    }
  }

  /** Makes the connection read from and write to another client. */
  static void use(HttpURLConnection connection, Object client) {
    try {
      SET_HTTP.invoke((Object) connection, client);
      SET_PS.invoke((Object) connection, (PrintStream) GET_OUTPUT.invoke(client));
    } catch (Throwable t) {
      throw JdkHttp.<RuntimeException>rethrow(t);
    }
  }

  /** The request's headers, a {@code MessageHeader}. */
  static Object requests(HttpURLConnection connection) {
    try {
      return (Object) REQUESTS.invoke((Object) connection);
    } catch (Throwable t) {
      throw JdkHttp.<RuntimeException>rethrow(t);
    }
  }

  /** The buffered body of a connection, or of a client; null: none. */
  static @Nullable ByteArrayOutputStream poster(Object owner) {
    try {
      return (ByteArrayOutputStream)
          (owner instanceof HttpURLConnection
              ? (Object) POSTER.invoke(owner)
              : (Object) CLIENT_POSTER.invoke(owner));
    } catch (Throwable t) {
      throw JdkHttp.<RuntimeException>rethrow(t);
    }
  }

  /** Whether the body is streamed and so cannot be sent again. */
  static boolean streaming(HttpURLConnection connection) {
    try {
      return (boolean) STREAMING.invoke((Object) connection);
    } catch (Throwable t) {
      throw JdkHttp.<RuntimeException>rethrow(t);
    }
  }

  /** Status of parsed response headers; -1: no status line. */
  static int status(Object headers) {
    String line = value(headers, 0);
    if (line == null || !line.startsWith("HTTP/")) {
      return -1;
    }
    int start = line.indexOf(' ') + 1;
    if (start == 0 || line.length() < start + 3) {
      return -1;
    }
    try {
      return Integer.parseInt(line.substring(start, start + 3));
    } catch (NumberFormatException e) {
      return -1;
    }
  }

  /** A copy of a {@code MessageHeader}, the request line included. */
  static Object copy(Object headers) {
    try {
      Object copy = (Object) NEW_HEADERS.invoke();
      for (int i = 0; ; i++) {
        String key = (String) HEADER_KEY.invoke(headers, i);
        String value = value(headers, i);
        if (key == null && value == null) {
          return copy;
        }
        HEADER_ADD.invoke(copy, key, value);
      }
    } catch (Throwable t) {
      throw JdkHttp.<RuntimeException>rethrow(t);
    }
  }

  /** Calls for every header in order, not for the request line. */
  static void each(Object headers, BiConsumer<String, String> nameAndValue) {
    try {
      for (int i = 0; ; i++) {
        String key = (String) HEADER_KEY.invoke(headers, i);
        String value = value(headers, i);
        if (key == null && value == null) {
          return;
        }
        if (key != null && value != null) {
          nameAndValue.accept(key, value);
        }
      }
    } catch (Throwable t) {
      throw JdkHttp.<RuntimeException>rethrow(t);
    }
  }

  /** The request line of a request's headers; null: not written yet. */
  static @Nullable String requestLine(Object headers) {
    try {
      return value(headers, 0) == null ? (String) HEADER_KEY.invoke(headers, 0) : null;
    } catch (Throwable t) {
      throw JdkHttp.<RuntimeException>rethrow(t);
    }
  }

  /** Replaces the request line. */
  static void requestLine(Object headers, String line) {
    try {
      HEADER_REPLACE.invoke(headers, 0, line, (String) null);
    } catch (Throwable t) {
      throw JdkHttp.<RuntimeException>rethrow(t);
    }
  }

  /** Closes the connection under a client, with what is still to be read from it. */
  static void close(Object client) {
    try {
      CLOSE_SERVER.invoke(client);
    } catch (Throwable t) {
      throw JdkHttp.<RuntimeException>rethrow(t);
    }
  }

  /** Values of a header in order. */
  static List<String> values(Object headers, String name) {
    try {
      List<String> values = new ArrayList<>();
      Iterator<?> all = (Iterator<?>) HEADER_VALUES.invoke(headers, name);
      all.forEachRemaining(value -> values.add(String.valueOf(value)));
      return values;
    } catch (Throwable t) {
      throw JdkHttp.<RuntimeException>rethrow(t);
    }
  }

  static void set(Object headers, String name, String value) {
    try {
      HEADER_SET.invoke(headers, name, value);
    } catch (Throwable t) {
      throw JdkHttp.<RuntimeException>rethrow(t);
    }
  }

  static void add(Object headers, String name, String value) {
    try {
      HEADER_ADD.invoke(headers, name, value);
    } catch (Throwable t) {
      throw JdkHttp.<RuntimeException>rethrow(t);
    }
  }

  static void remove(Object headers, String name) {
    try {
      HEADER_REMOVE.invoke(headers, name);
    } catch (Throwable t) {
      throw JdkHttp.<RuntimeException>rethrow(t);
    }
  }

  static void reset(Object headers) {
    try {
      HEADER_RESET.invoke(headers);
    } catch (Throwable t) {
      throw JdkHttp.<RuntimeException>rethrow(t);
    }
  }

  private static @Nullable String value(Object headers, int index) {
    try {
      return (String) HEADER_VALUE.invoke(headers, index);
    } catch (Throwable t) {
      throw JdkHttp.<RuntimeException>rethrow(t);
    }
  }

  /** {@code parseHTTP} lost its progress argument on the way from JDK 17 to 25. */
  private static MethodHandle parseHandle(Lookup lookup, Class<?> client)
      throws ReflectiveOperationException {
    Method parse =
        Arrays.stream(client.getDeclaredMethods())
            .filter(method -> method.getName().equals("parseHTTP"))
            .findFirst()
            .orElseThrow(() -> new NoSuchMethodException("parseHTTP"));
    MethodHandle handle = lookup.unreflect(parse);
    return handle
        .asSpreader(Object[].class, parse.getParameterCount())
        .asType(MethodType.methodType(Object.class, Object.class, Object[].class));
  }

  /** With {@code Object} for every type that this class cannot name. */
  private static MethodHandle generic(MethodHandle handle) {
    MethodType type = handle.type();
    for (int i = 0; i < type.parameterCount(); i++) {
      Class<?> parameter = type.parameterType(i);
      if (!parameter.isPrimitive() && parameter.getName().startsWith("sun.")) {
        type = type.changeParameterType(i, Object.class);
      }
    }
    if (type.returnType().getName().startsWith("sun.")) {
      type = type.changeReturnType(Object.class);
    }
    return handle.asType(type);
  }

  /** Rethrows what a handle threw as it is: the library's own methods declare the same. */
  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
  private static <E extends Throwable> E rethrow(Throwable t) throws E {
    throw (E) t;
  }
}
