package dev.weft.instrumentation.httpclient5;

import java.util.ArrayList;
import java.util.List;
import org.apache.hc.client5.http.HttpRequestRetryStrategy;
import org.apache.hc.client5.http.auth.AuthScope;
import org.apache.hc.client5.http.auth.UsernamePasswordCredentials;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.impl.auth.BasicCredentialsProvider;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.HttpRequestInterceptor;
import org.apache.hc.core5.http.message.BasicHeader;

/** What the builders of the classic and the asynchronous client have in common. */
final class ClientSettings {
  HttpHost proxy;
  boolean redirectsDisabled;
  HttpRequestRetryStrategy retries;
  HttpRequestInterceptor interceptor;
  RequestConfig config;
  BasicCredentialsProvider credentials;
  final List<Header> defaults = new ArrayList<>();

  ClientSettings proxy(HttpHost to) {
    proxy = to;
    return this;
  }

  ClientSettings redirectsDisabled() {
    redirectsDisabled = true;
    return this;
  }

  ClientSettings retries(HttpRequestRetryStrategy strategy) {
    retries = strategy;
    return this;
  }

  ClientSettings interceptor(HttpRequestInterceptor added) {
    interceptor = added;
    return this;
  }

  ClientSettings config(RequestConfig defaultConfig) {
    config = defaultConfig;
    return this;
  }

  ClientSettings defaultHeader(String name, String value) {
    defaults.add(new BasicHeader(name, value));
    return this;
  }

  ClientSettings password(String user, String password) {
    credentials = new BasicCredentialsProvider();
    credentials.setCredentials(
        new AuthScope(null, -1), new UsernamePasswordCredentials(user, password.toCharArray()));
    return this;
  }
}
