package dev.weft.benchmarks.wire;

import dev.weft.benchmarks.ground.Program;
import dev.weft.benchmarks.wire.Variant.Sidecar;
import dev.weft.benchmarks.wire.app.Certificates;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Two proxies with mutual TLS 1.3 between them, as a sidecar mesh has: one thread each, no access
 * log, no policy, connections kept as long as the applications keep theirs. The HTTP ones keep a
 * pool of connections to each other, whatever the applications do.
 *
 * @param clientPort where the client's proxy takes plaintext
 * @param serverPort where the server's proxy takes TLS
 */
record Sidecars(List<Program> programs, int clientPort, int serverPort) {
  private static final String NGINX_STREAM = "/usr/lib/nginx/modules/ngx_stream_module.so";

  /** Where a proxy listens, and where to. */
  private record Hop(String name, int from, int to, Certificates own) {}

  /**
   * Starts them; the caller ends them.
   *
   * @throws IOException also when the programs are not installed
   */
  static Sidecars start(Sidecar kind, int applicationPort, Path certificates, Path folder)
      throws IOException {
    int clientPort = freePort();
    int serverPort = freePort();
    Hop server =
        new Hop("server", serverPort, applicationPort, Certificates.of(certificates, "server"));
    Hop client = new Hop("client", clientPort, serverPort, Certificates.of(certificates, "client"));
    List<Program> programs = new ArrayList<>();
    try {
      for (Hop hop : List.of(server, client)) {
        Path own = Files.createDirectories(folder.resolve(hop.name() + "-sidecar"));
        Path file = own.resolve("config");
        Files.writeString(file, config(kind, hop, own));
        Program program = Program.start("sidecar", own, command(kind, file, own));
        programs.add(program);
        awaitListening(hop.from(), program);
      }
    } catch (IOException | RuntimeException e) {
      programs.forEach(Program::close);
      throw e;
    }
    return new Sidecars(programs, clientPort, serverPort);
  }

  private static List<String> command(Sidecar kind, Path config, Path folder) throws IOException {
    return switch (kind) {
      case HAPROXY_TCP, HAPROXY_HTTP ->
          List.of(installed("haproxy"), "-db", "-f", config.toString());
      default ->
          List.of(
              installed("nginx"),
              "-e",
              folder.resolve("nginx.log").toString(),
              "-p",
              folder.toString(),
              "-c",
              config.toString());
    };
  }

  private static String installed(String program) throws IOException {
    for (String folder : List.of("/usr/sbin/", "/usr/bin/", "/usr/local/sbin/")) {
      if (Files.isExecutable(Path.of(folder, program))) {
        return folder + program;
      }
    }
    throw new IOException(program + " is not installed (apt-get install " + program + ")");
  }

  private static String config(Sidecar kind, Hop hop, Path folder) throws IOException {
    return switch (kind) {
      case NONE -> throw new IllegalArgumentException("no sidecar");
      case HAPROXY_TCP -> haproxy(hop, "tcp");
      case HAPROXY_HTTP -> haproxy(hop, "http");
      case NGINX_TCP -> nginx(folder, streamModule(), "stream {", nginxTcp(hop));
      case NGINX_HTTP -> nginx(folder, "", "http {", nginxHttp(hop, folder));
    };
  }

  private static String haproxy(Hop hop, String mode) {
    boolean server = hop.name().equals("server");
    String tls =
        " crt %s ca-file %s verify required ssl-min-ver TLSv1.3"
            .formatted(
                hop.own().chain().toString().replace(".pem", ".both"), hop.own().authorities());
    return """
        global
          maxconn 3000
          nbthread 1
          ssl-default-bind-ciphersuites TLS_AES_128_GCM_SHA256
          ssl-default-server-ciphersuites TLS_AES_128_GCM_SHA256
        defaults
          mode %s
          timeout connect 10s
          timeout client 1h
          timeout server 1h
          timeout http-keep-alive 1h
          %s
        frontend in
          bind 127.0.0.1:%d%s
          default_backend out
        backend out
          server peer 127.0.0.1:%d%s
        """
        .formatted(
            mode,
            mode.equals("http") ? "http-reuse always\n  option http-no-delay" : "",
            hop.from(),
            server ? " ssl curves X25519" + tls : "",
            hop.to(),
            server ? "" : " ssl" + tls);
  }

  private static String nginx(Path folder, String module, String head, String server) {
    return """
        %sdaemon off;
        master_process off;
        worker_processes 1;
        pid %s/pid;
        error_log %s/nginx.log error;
        events { worker_connections 6000; }
        %s
        %s
        }
        """
        .formatted(module, folder, folder, head, server);
  }

  private static String streamModule() throws IOException {
    if (!Files.exists(Path.of(NGINX_STREAM))) {
      throw new IOException("nginx has no stream module (apt-get install libnginx-mod-stream)");
    }
    return "load_module " + NGINX_STREAM + ";\n";
  }

  private static String nginxTcp(Hop hop) {
    boolean server = hop.name().equals("server");
    return """
          server {
            listen 127.0.0.1:%d%s;
            proxy_pass 127.0.0.1:%d;
            proxy_timeout 1h;
        %s
          }
        """
        .formatted(
            hop.from(),
            server ? " ssl" : "",
            hop.to(),
            server ? nginxServerTls(hop.own()) : "    proxy_ssl on;\n" + nginxClientTls(hop.own()));
  }

  private static String nginxHttp(Hop hop, Path folder) {
    boolean server = hop.name().equals("server");
    return """
          access_log off;
          keepalive_timeout 1h;
          keepalive_requests 1000000000;
          client_body_temp_path %s/body;
          proxy_temp_path %s/proxy;
          fastcgi_temp_path %s/fastcgi;
          uwsgi_temp_path %s/uwsgi;
          scgi_temp_path %s/scgi;
          upstream peer {
            server 127.0.0.1:%d;
            keepalive 64;
            keepalive_requests 1000000000;
            keepalive_timeout 1h;
          }
          server {
            listen 127.0.0.1:%d%s;
        %s
            location / {
              proxy_pass %s://peer;
              proxy_http_version 1.1;
              proxy_set_header Connection "";
              proxy_set_header Host $http_host;
              proxy_max_temp_file_size 0;
            }
          }
        """
        .formatted(
            folder,
            folder,
            folder,
            folder,
            folder,
            hop.to(),
            hop.from(),
            server ? " ssl" : "",
            server ? nginxServerTls(hop.own()) : nginxClientTls(hop.own()),
            server ? "http" : "https");
  }

  private static String nginxServerTls(Certificates own) {
    return """
            ssl_certificate %s;
            ssl_certificate_key %s;
            ssl_client_certificate %s;
            ssl_verify_client on;
            ssl_protocols TLSv1.3;
            ssl_ecdh_curve X25519;
            ssl_conf_command Ciphersuites TLS_AES_128_GCM_SHA256;
        """
        .formatted(own.chain(), own.key(), own.authorities());
  }

  private static String nginxClientTls(Certificates own) {
    return """
            proxy_ssl_certificate %s;
            proxy_ssl_certificate_key %s;
            proxy_ssl_trusted_certificate %s;
            proxy_ssl_verify on;
            proxy_ssl_name server;
            proxy_ssl_protocols TLSv1.3;
            proxy_ssl_conf_command Ciphersuites TLS_AES_128_GCM_SHA256;
        """
        .formatted(own.chain(), own.key(), own.authorities());
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private static void awaitListening(int port, Program program) throws IOException {
    long end = System.nanoTime() + 10_000_000_000L;
    while (true) {
      try (Socket socket = new Socket()) {
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1000);
        return;
      } catch (IOException notYet) {
        if (!program.alive()) {
          throw new IOException("the sidecar ended: " + program.lastWords(), notYet);
        }
        if (System.nanoTime() > end) {
          throw notYet;
        }
        Thread.onSpinWait();
      }
    }
  }
}
