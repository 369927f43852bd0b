package clients;

import java.io.Serializable;

/**
 * How the application built its client. Equal ones share a client, and so its connections.
 *
 * @param name a client of one's own; empty: the common one
 * @param redirects whether it follows redirects
 * @param cookies whether it keeps cookies
 * @param proxy {@code host:port} of an HTTP proxy; empty: none
 * @param http2 whether it offers HTTP/2 on plaintext connections, if the library can
 */
public record Setup(String name, boolean redirects, boolean cookies, String proxy, boolean http2)
    implements Serializable {
  /** What most stories need. */
  public static final Setup PLAIN = new Setup("", false, false, "", false);

  /** The same, with connections of its own. */
  public Setup named(String own) {
    return new Setup(own, redirects, cookies, proxy, http2);
  }

  /** The same, following redirects. */
  public Setup followingRedirects() {
    return new Setup(name, true, cookies, proxy, http2);
  }

  /** The same, keeping cookies. */
  public Setup keepingCookies() {
    return new Setup(name, redirects, true, proxy, http2);
  }

  /** The same, through a proxy. */
  public Setup through(String hostAndPort) {
    return new Setup(name, redirects, cookies, hostAndPort, http2);
  }

  /** The same, offering HTTP/2. */
  public Setup offeringHttp2() {
    return new Setup(name, redirects, cookies, proxy, true);
  }

  /** Host of the proxy. */
  public String proxyHost() {
    return proxy.substring(0, proxy.lastIndexOf(':'));
  }

  /** Port of the proxy. */
  public int proxyPort() {
    return Integer.parseInt(proxy.substring(proxy.lastIndexOf(':') + 1));
  }
}
