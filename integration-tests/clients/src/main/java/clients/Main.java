package clients;

import java.io.BufferedOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** The program: {@code Main LIBRARY-CLASS PORT}. It ends when the connection to that port does. */
public final class Main {
  private final Library library;
  private final ObjectOutputStream out;
  private final Map<Long, Call> calls = new ConcurrentHashMap<>();
  private final AtomicInteger threads = new AtomicInteger();

  private Main(Library library, ObjectOutputStream out) {
    this.library = library;
    this.out = out;
  }

  /** Takes commands until there are no more. */
  public static void main(String[] args) throws Exception {
    try (Library library =
            Class.forName(args[0])
                .asSubclass(Library.class)
                .getDeclaredConstructor()
                .newInstance();
        Socket control = new Socket(InetAddress.getLoopbackAddress(), Integer.parseInt(args[1]));
        ObjectOutputStream out =
            new ObjectOutputStream(new BufferedOutputStream(undelayed(control).getOutputStream()));
        ObjectInputStream in = new ObjectInputStream(control.getInputStream())) {
      out.flush(); // its header
      Main main = new Main(library, out);
      while (true) {
        main.obey((Command) in.readObject());
      }
    } catch (EOFException end) {
      System.out.println("done");
    }
  }

  private static Socket undelayed(Socket socket) throws IOException {
    socket.setTcpNoDelay(true);
    return socket;
  }

  private void obey(Command command) {
    if (command instanceof Order order) {
      Call call = new Call(order, this::report);
      calls.put(order.id(), call);
      start(() -> carryOut(call));
    } else if (command instanceof Cancel cancel) {
      Call call = calls.get(cancel.id());
      if (call != null) {
        start(call::cancel); // which may block
      }
    }
  }

  private void start(Runnable work) {
    Thread thread = new Thread(work, "order-" + threads.incrementAndGet());
    thread.setDaemon(true);
    thread.start();
  }

  private void carryOut(Call call) {
    Outcome outcome;
    try {
      outcome = library.send(call);
    } catch (Throwable thrown) { // whatever it is, it is what the application got
      outcome = call.failed(thrown);
    }
    calls.remove(call.order().id());
    report(outcome);
  }

  private void report(Message message) {
    synchronized (out) {
      try {
        out.writeObject(message);
        out.reset();
        out.flush();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
