package dev.weft.server.registry;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;

/** Connects and says nothing. Thread-safe. */
public final class TcpProber implements Suspicions.Prober {
  private static final Duration LIMIT = Duration.ofSeconds(1);

  private final Executor threads;

  /** A prober whose connects block threads of {@code threads}. */
  public TcpProber(Executor threads) {
    this.threads = threads;
  }

  @Override
  public void probe(InetAddress address, int port, Consumer<Suspicions.Answer> answer) {
    try {
      threads.execute(() -> answer.accept(connect(address, port)));
    } catch (RejectedExecutionException e) {
      answer.accept(Suspicions.Answer.NONE); // the server is closing
    }
  }

  private static Suspicions.Answer connect(InetAddress address, int port) {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(address, port), (int) LIMIT.toMillis());
      return Suspicions.Answer.CONNECTED;
    } catch (ConnectException e) {
      // The JDK tells a refusal from a timeout of the kernel's by its text only.
      return String.valueOf(e.getMessage()).contains("refused")
          ? Suspicions.Answer.REFUSED
          : Suspicions.Answer.NONE;
    } catch (IOException | IllegalArgumentException e) {
      return Suspicions.Answer.NONE;
    }
  }
}
