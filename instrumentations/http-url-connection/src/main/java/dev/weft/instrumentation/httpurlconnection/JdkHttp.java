package dev.weft.instrumentation.httpurlconnection;

import dev.weft.instrumentation.HiddenMembers;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.net.HttpURLConnection;
import java.net.Proxy;
import java.net.Socket;
import java.net.URL;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The members of {@code sun.net.www} that the adapter needs, resolved once. Objects of these
 * packages appear as {@code Object}. Stateless.
 */
final class JdkHttp {
  private static final String CLIENT = "sun.net.www.http.HttpClient";
  private static final String CONNECTION = "sun.net.www.protocol.http.HttpURLConnection";
  private static final String HEADERS = "sun.net.www.MessageHeader";

  private static final HiddenMembers MEMBERS = HiddenMembers.of(MethodHandles.lookup());

  private static final MethodHandle NEW_CLIENT =
      generic(
          MEMBERS.staticMethod(
              CLIENT,
              "New",
              "(Ljava/net/URL;Ljava/net/Proxy;IZLsun/net/www/protocol/http/HttpURLConnection;)Lsun/net/www/http/HttpClient;"));
  private static final MethodHandle BARE_CLIENT = generic(MEMBERS.constructor(CLIENT, "()V"));
  private static final MethodHandle CACHED =
      generic(MEMBERS.method(CLIENT, "isCachedConnection", "()Z"));
  private static final MethodHandle PARSE = parseHandle();
  private static final MethodHandle WRITE =
      generic(
          MEMBERS.method(
              CLIENT,
              "writeRequests",
              "(Lsun/net/www/MessageHeader;Lsun/net/www/http/PosterOutputStream;Z)V"));
  private static final MethodHandle GET_READ_TIMEOUT =
      generic(MEMBERS.method(CLIENT, "getReadTimeout", "()I"));
  private static final MethodHandle SET_READ_TIMEOUT =
      generic(MEMBERS.method(CLIENT, "setReadTimeout", "(I)V"));
  private static final MethodHandle IGNORE_CONTINUE =
      generic(MEMBERS.getter(CLIENT, "ignoreContinue", "Z"));
  private static final MethodHandle CLIENT_POSTER =
      generic(MEMBERS.getter(CLIENT, "poster", "Lsun/net/www/http/PosterOutputStream;"));
  private static final MethodHandle SET_URL =
      generic(MEMBERS.setter(CLIENT, "url", "Ljava/net/URL;"));
  private static final MethodHandle SET_SOCKET =
      generic(MEMBERS.setter(CLIENT, "serverSocket", "Ljava/net/Socket;"));
  private static final MethodHandle SET_OUTPUT =
      generic(MEMBERS.setter(CLIENT, "serverOutput", "Ljava/io/PrintStream;"));
  private static final MethodHandle GET_OUTPUT =
      generic(MEMBERS.getter(CLIENT, "serverOutput", "Ljava/io/PrintStream;"));
  private static final MethodHandle CLOSE_SERVER =
      generic(MEMBERS.method(CLIENT, "closeServer", "()V"));
  private static final MethodHandle REQUESTS =
      generic(MEMBERS.getter(CONNECTION, "requests", "Lsun/net/www/MessageHeader;"));
  private static final MethodHandle POSTER =
      generic(MEMBERS.getter(CONNECTION, "poster", "Lsun/net/www/http/PosterOutputStream;"));
  private static final MethodHandle STREAMING =
      generic(MEMBERS.method(CONNECTION, "streaming", "()Z"));
  private static final MethodHandle SET_HTTP =
      generic(MEMBERS.setter(CONNECTION, "http", "Lsun/net/www/http/HttpClient;"));
  private static final MethodHandle SET_PS =
      generic(MEMBERS.setter(CONNECTION, "ps", "Ljava/io/PrintStream;"));
  private static final MethodHandle NEW_HEADERS = generic(MEMBERS.constructor(HEADERS, "()V"));
  private static final MethodHandle HEADER_KEY =
      generic(MEMBERS.method(HEADERS, "getKey", "(I)Ljava/lang/String;"));
  private static final MethodHandle HEADER_VALUE =
      generic(MEMBERS.method(HEADERS, "getValue", "(I)Ljava/lang/String;"));
  private static final MethodHandle FIRST_VALUE =
      generic(MEMBERS.method(HEADERS, "findValue", "(Ljava/lang/String;)Ljava/lang/String;"));
  private static final MethodHandle HEADER_VALUES =
      generic(
          MEMBERS.method(
              HEADERS, "multiValueIterator", "(Ljava/lang/String;)Ljava/util/Iterator;"));
  private static final MethodHandle HEADER_ADD =
      generic(MEMBERS.method(HEADERS, "add", "(Ljava/lang/String;Ljava/lang/String;)V"));
  private static final MethodHandle HEADER_SET =
      generic(MEMBERS.method(HEADERS, "set", "(Ljava/lang/String;Ljava/lang/String;)V"));
  private static final MethodHandle HEADER_REMOVE =
      generic(MEMBERS.method(HEADERS, "remove", "(Ljava/lang/String;)V"));
  private static final MethodHandle HEADER_REPLACE =
      generic(MEMBERS.method(HEADERS, "set", "(ILjava/lang/String;Ljava/lang/String;)V"));
  private static final MethodHandle HEADER_RESET = generic(MEMBERS.method(HEADERS, "reset", "()V"));

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
      if ((Object) FIRST_VALUE.invoke(headers, name) == null) { // as most that the mesh asks for
        return List.of();
      }
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
  private static MethodHandle parseHandle() {
    MethodHandle parse =
        MEMBERS.optionalMethod(
            CLIENT,
            "parseHTTP",
            "(Lsun/net/www/MessageHeader;Lsun/net/www/protocol/http/HttpURLConnection;)Z");
    if (parse == null) {
      parse =
          MEMBERS.optionalMethod(
              CLIENT,
              "parseHTTP",
              "(Lsun/net/www/MessageHeader;Lsun/net/ProgressSource;"
                  + "Lsun/net/www/protocol/http/HttpURLConnection;)Z");
    }
    if (parse == null) {
      throw new LinkageError("parseHTTP of HttpClient takes other arguments than expected");
    }
    return parse
        .asSpreader(Object[].class, parse.type().parameterCount() - 1)
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
