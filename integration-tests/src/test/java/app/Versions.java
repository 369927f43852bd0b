package app;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.reflect.InvocationTargetException;
import java.net.MalformedURLException;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A client with several versions of OkHttp, each in a class loader of its own, beside {@link
 * HttpClient}. Arguments are {@code <name>=<folder of jars>}. Speaks the line protocol of {@code
 * shop.Client}; the word {@code by=<name>} says which version sends, without it {@code HttpClient}
 * does.
 */
public final class Versions {
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  private Versions() {}

  /** Prints {@code ready}. */
  public static void main(String[] args) throws Exception {
    Map<String, OkHttp> versions = new HashMap<>();
    for (String arg : args) {
      String[] named = arg.split("=", 2);
      versions.put(named[0], new OkHttp(loader(new File(named[1]))));
    }
    System.out.println("ready");
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      String[] words = line.trim().split(" ");
      System.out.println(words[0] + " " + answer(words, versions));
    }
    for (OkHttp version : versions.values()) {
      version.close();
    }
  }

  private static ClassLoader loader(File folder) throws MalformedURLException {
    List<URL> jars = new ArrayList<>();
    for (File jar : folder.listFiles()) {
      jars.add(jar.toURI().toURL());
    }
    return new URLClassLoader(jars.toArray(new URL[0]), ClassLoader.getPlatformClassLoader());
  }

  private static String answer(String[] words, Map<String, OkHttp> versions) {
    try {
      return words.length > 2
          ? versions.get(words[2].substring("by=".length())).get(words[1])
          : withHttpClient(words[1]);
    } catch (InvocationTargetException e) {
      return "0 - " + e.getCause();
    } catch (ReflectiveOperationException | IOException | InterruptedException e) {
      return "0 - " + e;
    }
  }

  private static String withHttpClient(String url) throws IOException, InterruptedException {
    HttpResponse<String> response =
        HTTP.send(HttpRequest.newBuilder(URI.create(url)).build(), BodyHandlers.ofString());
    String reason = response.headers().firstValue("x-weft-reason").orElse(null);
    return said(response.statusCode(), reason, response.body());
  }

  private static String said(int status, String reason, String body) {
    return status
        + " "
        + (reason == null ? "-" : reason.replace(' ', '+'))
        + " "
        + (body.isEmpty() ? "-" : body.replace('\n', ' '));
  }

  /** One version; by reflection, because this program is compiled with none. */
  private static final class OkHttp {
    private final ClassLoader loader;
    private final Object client;

    OkHttp(ClassLoader loader) throws ReflectiveOperationException {
      this.loader = loader;
      client = loader.loadClass("okhttp3.OkHttpClient").getConstructor().newInstance();
    }

    String get(String url) throws ReflectiveOperationException {
      Object builder = loader.loadClass("okhttp3.Request$Builder").getConstructor().newInstance();
      Object request = builder.getClass().getMethod("url", String.class).invoke(builder, url);
      request = request.getClass().getMethod("build").invoke(request);
      Object call =
          client.getClass().getMethod("newCall", request.getClass()).invoke(client, request);
      Object response = loader.loadClass("okhttp3.Call").getMethod("execute").invoke(call);
      Class<?> type = response.getClass();
      Object body = type.getMethod("body").invoke(response);
      return said(
          (int) type.getMethod("code").invoke(response),
          (String) type.getMethod("header", String.class).invoke(response, "x-weft-reason"),
          (String) loader.loadClass("okhttp3.ResponseBody").getMethod("string").invoke(body));
    }

    void close() throws ReflectiveOperationException {
      Object pool = client.getClass().getMethod("connectionPool").invoke(client);
      pool.getClass().getMethod("evictAll").invoke(pool);
    }
  }
}
