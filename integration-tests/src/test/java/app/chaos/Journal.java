package app.chaos;

import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What one process did, a line each, which is the kernel's before {@link #write} returns: SIGKILL
 * loses none. Fields are separated by tabs; the last one is {@link System#nanoTime}, a clock that
 * all processes of a machine share. Thread-safe.
 */
public final class Journal {
  private final OutputStream file;
  private final AtomicLong executions = new AtomicLong();

  Journal(Path path) throws IOException {
    this.file = new FileOutputStream(path.toFile(), true);
  }

  /** A call begins: id, service, request, method, {@code tester} or nothing. */
  void called(String call, String service, String request, String method, String tester) {
    write("called", call, service, request, method, tester);
  }

  /** It was answered rightly, by this instance. */
  void right(String call, String instance) {
    write("right", call, instance);
  }

  /** It was answered with an error: what the server or the mesh gave as its reason. */
  void refused(String call, int status, String reason) {
    write("refused", call, Integer.toString(status), reason);
  }

  /** The library threw this. */
  void threw(String call, String what) {
    write("threw", call, what);
  }

  /** It was answered with success, and the answer is not right. */
  void wrong(String call, String what) {
    write("wrong", call, what);
  }

  /**
   * A call has reached the application.
   *
   * @param policy what the route wrote into the request
   * @return which of the executions in this process it is
   */
  long executed(String call, String method, String policy) {
    long execution = executions.incrementAndGet();
    write("executed", call, Long.toString(execution), method, policy);
    return execution;
  }

  /** It is answered, which the caller may never hear. */
  void answered(String call, long execution, int status) {
    write("answered", call, Long.toString(execution), Integer.toString(status));
  }

  private synchronized void write(String... fields) {
    StringBuilder line = new StringBuilder();
    for (String field : fields) {
      line.append(field.replaceAll("[\\t\\r\\n]+", " ")).append('\t');
    }
    line.append(System.nanoTime()).append('\n');
    try {
      file.write(line.toString().getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
