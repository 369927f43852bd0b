package dev.weft.it.contract;

import clients.Cancel;
import clients.Command;
import clients.Heard;
import clients.Message;
import clients.Order;
import clients.Outcome;
import dev.weft.server.demo.Child;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** A running {@code clients.Main}. Thread-safe. */
final class ClientProgram implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final Child child;
  private final Socket control;
  private final ObjectOutputStream commands;
  private final ObjectInputStream messages;
  private final Map<Long, Sent> open = new ConcurrentHashMap<>();

  private ClientProgram(Child child, Socket control) throws IOException {
    this.child = child;
    this.control = control;
    control.setTcpNoDelay(true);
    this.commands = new ObjectOutputStream(new BufferedOutputStream(control.getOutputStream()));
    commands.flush();
    this.messages = new ObjectInputStream(control.getInputStream());
  }

  /**
   * Starts one.
   *
   * @param command {@code java} with its options and class path
   * @param library name of the class
   */
  static ClientProgram start(
      String name, List<String> command, Map<String, String> environment, String library, Path logs)
      throws IOException {
    try (ServerSocket door = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      door.setSoTimeout((int) PATIENCE.toMillis());
      ProcessBuilder builder = new ProcessBuilder(command);
      builder.command().addAll(List.of(library, Integer.toString(door.getLocalPort())));
      builder.environment().keySet().removeIf(ClientProgram::isOfWhoeverBuilds);
      builder.environment().putAll(environment);
      Child child = Child.start(name, builder, logs);
      try {
        ClientProgram program = new ClientProgram(child, door.accept());
        Thread reader = new Thread(program::read, "contract-" + name);
        reader.setDaemon(true);
        reader.start();
        return program;
      } catch (IOException e) {
        child.kill();
        throw new IOException(name + " did not start; its stderr: " + child.stderr(), e);
      }
    }
  }

  private static boolean isOfWhoeverBuilds(String variable) {
    return variable.equals("JAVA_TOOL_OPTIONS")
        || variable.equals("JDK_JAVA_OPTIONS")
        || variable.startsWith("WEFT_")
        || variable.startsWith("OTEL_");
  }

  /** The process. */
  Child child() {
    return child;
  }

  /** Sends one request. */
  Sent send(Order order) throws IOException {
    Sent sent = new Sent(this, order);
    open.put(order.id(), sent);
    tell(order);
    return sent;
  }

  void cancel(long id) throws IOException {
    tell(new Cancel(id));
  }

  private void tell(Command command) throws IOException {
    synchronized (commands) {
      commands.writeObject(command);
      commands.reset();
      commands.flush();
    }
  }

  private void read() {
    try {
      while (true) {
        Message message = (Message) messages.readObject();
        Sent sent = open.get(message.id());
        if (message instanceof Heard heard && sent != null) {
          sent.heard(heard);
        } else if (message instanceof Outcome outcome && sent != null) {
          open.remove(outcome.id());
          sent.ended(outcome);
        }
      }
    } catch (IOException | ClassNotFoundException e) {
      open.values().forEach(sent -> sent.lost(e));
    }
  }

  /** Lets the program end; it must do so by itself. */
  @Override
  public void close() throws IOException {
    control.shutdownOutput();
    try {
      int code = child.awaitExit(PATIENCE);
      if (code != 0) {
        throw new AssertionError(child.name() + " ended with " + code + ": " + child.stderr());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      child.kill();
      control.close();
    }
  }
}
