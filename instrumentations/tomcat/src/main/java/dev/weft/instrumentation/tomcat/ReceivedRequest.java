package dev.weft.instrumentation.tomcat;

import dev.weft.instrumentation.InboundRequest;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.Collections;
import java.util.List;
import org.apache.catalina.connector.Request;
import org.apache.tomcat.util.http.MimeHeaders;
import org.jspecify.annotations.Nullable;

/** The server's request, as the mesh looks at it. */
record ReceivedRequest(Request request) implements InboundRequest {
  @Override
  public String method() {
    return request.getMethod();
  }

  @Override
  public String path() {
    return request.getRequestURI();
  }

  @Override
  public String query() {
    @Nullable String query = request.getQueryString();
    return query == null ? "" : query;
  }

  @Override
  public String authority() {
    @Nullable String name = request.getServerName();
    return name == null ? "" : name;
  }

  @Override
  public List<String> header(String name) {
    return Collections.list(request.getHeaders(name));
  }

  @Override
  public boolean replaceHeader(String name, @Nullable String value) {
    MimeHeaders headers = request.getCoyoteRequest().getMimeHeaders();
    headers.removeHeader(name);
    if (value != null) {
      headers.setValue(name).setString(value);
    }
    return true;
  }

  /**
   * The socket's peer: this valve comes before any that would rewrite it (RemoteIpValve). Behind
   * AJP the address is the front end's claim, so it gets a port that no connection has.
   */
  @Override
  public InetSocketAddress remote() {
    boolean socket = Coverage.http(request.getConnector());
    return address(request.getRemoteAddr(), socket ? request.getRemotePort() : 0);
  }

  @Override
  public InetSocketAddress local() {
    return address(request.getLocalAddr(), request.getLocalPort());
  }

  /** Of a literal; Tomcat has none when the connection is gone already. */
  private static InetSocketAddress address(@Nullable String literal, int port) {
    try {
      return literal == null
          ? new InetSocketAddress(0)
          : new InetSocketAddress(InetAddress.getByName(literal), Math.max(0, port));
    } catch (UnknownHostException e) {
      return new InetSocketAddress(0);
    }
  }
}
