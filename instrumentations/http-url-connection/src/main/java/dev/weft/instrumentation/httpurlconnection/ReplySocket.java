package dev.weft.instrumentation.httpurlconnection;

import dev.weft.instrumentation.HeaderField;
import dev.weft.instrumentation.LocalReply;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketImpl;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * A socket without network: swallows the request and answers with a local reply. So the library's
 * own parser makes status, headers, error stream and exceptions of it, as of any response.
 */
final class ReplySocket extends Socket {
  private final byte[] response;

  ReplySocket(LocalReply reply, String method) throws IOException {
    super((@Nullable SocketImpl) null);
    byte[] body = reply.body();
    StringBuilder head = new StringBuilder("HTTP/1.1 " + reply.status() + " Mesh\r\n");
    for (HeaderField field : reply.fields()) {
      head.append(field.name()).append(": ").append(field.value()).append("\r\n");
    }
    head.append("Content-Length: ").append(body.length).append("\r\nConnection: close\r\n\r\n");
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.writeBytes(head.toString().getBytes(StandardCharsets.US_ASCII));
    if (!method.equals("HEAD")) {
      bytes.writeBytes(body);
    }
    response = bytes.toByteArray();
  }

  @Override
  public InputStream getInputStream() {
    return new ByteArrayInputStream(response);
  }

  @Override
  public OutputStream getOutputStream() {
    return OutputStream.nullOutputStream();
  }

  @Override
  public void setSoTimeout(int timeout) {}

  @Override
  public int getSoTimeout() {
    return 0;
  }

  @Override
  public void close() {}
}
