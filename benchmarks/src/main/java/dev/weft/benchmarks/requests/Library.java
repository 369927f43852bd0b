package dev.weft.benchmarks.requests;

import java.util.Locale;

/** The libraries, by the names of the measured application's senders. */
enum Library {
  JAVA_NET_HTTP("java.net.http"),
  HTTP_URL_CONNECTION("HttpURLConnection"),
  HTTPCLIENT5("HttpClient 5 classic"),
  HTTPCLIENT5_ASYNC("HttpClient 5 async"),
  OKHTTP("OkHttp 5"),
  REACTOR_NETTY("Reactor Netty 1.3");

  private final String title;

  Library(String title) {
    this.title = title;
  }

  /** In tables. */
  String title() {
    return title;
  }

  /** As on the command line: {@code java-net-http}. */
  String option() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
