package dev.weft.benchmarks.wire;

import dev.weft.benchmarks.wire.app.Certificates;
import dev.weft.benchmarks.wire.app.Content;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * What a server port really speaks, found out from outside: a figure for encryption is worth
 * nothing if the bytes were not encrypted.
 *
 * @param plainHttp whether a plaintext request is answered
 * @param tls protocol and cipher suite that a client with a certificate gets, or why none
 * @param anonymous whether a TLS client without certificate is answered
 */
record Probe(boolean plainHttp, String tls, boolean anonymous) {
  private static final int PATIENCE_MILLIS = 2000;
  private static final String[] CIPHERS = {"TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384"};
  private static final String NO_TLS = "no TLS";
  private static final byte[] REQUEST =
      ("GET " + Content.SMALL + " HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
          .getBytes(StandardCharsets.US_ASCII);

  /**
   * Tries.
   *
   * @param applicationProtocols what a TLS client must offer here, or none
   */
  static Probe of(int port, Certificates own, List<String> applicationProtocols)
      throws GeneralSecurityException, IOException {
    String tls;
    boolean anonymous = false;
    try {
      tls = overTls(port, own.sslContext(), applicationProtocols);
      anonymous = !tls.equals(NO_TLS) && answersWithoutCertificate(port, applicationProtocols);
    } catch (IOException e) {
      tls = NO_TLS;
    }
    return new Probe(plainHttp(port), tls, anonymous);
  }

  /** Whether this is mutual TLS 1.3, and nothing else is answered. */
  boolean mutualTlsOnly() {
    return !plainHttp && tls.startsWith("TLSv1.3") && !anonymous;
  }

  /** Whether this is plaintext, and nothing else. */
  boolean plaintextOnly() {
    return plainHttp && tls.equals(NO_TLS);
  }

  @Override
  public String toString() {
    return "plain HTTP "
        + (plainHttp ? "answered" : "refused")
        + ", "
        + tls
        + (tls.equals(NO_TLS)
            ? ""
            : ", without certificate " + (anonymous ? "answered" : "refused"));
  }

  private static boolean plainHttp(int port) {
    try (Socket socket = new Socket()) {
      connect(socket, port);
      return answers(socket);
    } catch (IOException refused) {
      return false;
    }
  }

  private static boolean answersWithoutCertificate(int port, List<String> applicationProtocols)
      throws GeneralSecurityException {
    SSLContext anonymous = SSLContext.getInstance("TLSv1.3");
    anonymous.init(null, new TrustManager[] {new TrustsAnybody()}, new SecureRandom());
    try {
      overTls(port, anonymous, applicationProtocols);
      return true;
    } catch (IOException refused) {
      return false;
    }
  }

  private static String overTls(int port, SSLContext context, List<String> applicationProtocols)
      throws IOException {
    try (SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket()) {
      SSLParameters parameters = socket.getSSLParameters();
      parameters.setCipherSuites(CIPHERS); // in the order of all clients here
      parameters.setApplicationProtocols(applicationProtocols.toArray(new String[0]));
      socket.setSSLParameters(parameters);
      connect(socket, port);
      if (!answers(socket)) {
        throw new IOException("no answer over TLS");
      }
      return socket.getSession().getProtocol() + " " + socket.getSession().getCipherSuite();
    }
  }

  private static void connect(Socket socket, int port) throws IOException {
    socket.setSoTimeout(PATIENCE_MILLIS);
    socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), PATIENCE_MILLIS);
  }

  private static boolean answers(Socket socket) throws IOException {
    socket.getOutputStream().write(REQUEST);
    InputStream in = socket.getInputStream();
    String status = new String(in.readNBytes(12), StandardCharsets.US_ASCII);
    return status.equals("HTTP/1.1 200");
  }

  /** It asks what the server demands, and sends nothing worth protecting. */
  private static final class TrustsAnybody extends X509ExtendedTrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
