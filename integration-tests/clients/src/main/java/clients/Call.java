package clients;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** An order while it is carried out. Thread-safe. */
public final class Call {
  private static final int KEPT = 64 << 10;

  private final Order order;
  private final Consumer<Message> reports;
  private @Nullable Outcome head;
  private @Nullable Runnable cancellation;
  private boolean cancelled;

  /**
   * Begins it.
   *
   * @param reports hears of what arrives before the outcome
   */
  public Call(Order order, Consumer<Message> reports) {
    this.order = order;
    this.reports = reports;
  }

  /** What to do. */
  public Order order() {
    return order;
  }

  /** The application's means to give the request up; runs at once when that has been ordered. */
  public void onCancel(Runnable means) {
    synchronized (this) {
      cancellation = means;
      if (!cancelled) {
        return;
      }
    }
    means.run();
  }

  void cancel() {
    Runnable means;
    synchronized (this) {
      cancelled = true;
      means = cancellation;
    }
    if (means != null) {
      means.run();
    }
  }

  /** A response's head has arrived; its body is read as ordered, and closed. */
  public Outcome answered(
      int status, String protocol, String uri, List<Header> headers, InputStream body)
      throws IOException {
    Outcome answer = headed(status, protocol, uri, headers);
    try (body) {
      return order.reading() == Order.Reading.CLOSE ? answer : read(answer, body);
    }
  }

  /** A response's head has arrived. */
  public Outcome headed(int status, String protocol, String uri, List<Header> headers) {
    Outcome answer = Outcome.of(order.id(), status, protocol, uri, headers);
    synchronized (this) {
      head = answer;
    }
    reports.accept(new Heard(order.id(), 0));
    return answer;
  }

  private Outcome read(Outcome answer, InputStream body) throws IOException {
    MessageDigest digest = sha256();
    ByteArrayOutputStream first = new ByteArrayOutputStream();
    byte[] some = new byte[16 << 10];
    long total = 0;
    for (int n = body.read(some); n >= 0; n = body.read(some)) {
      digest.update(some, 0, n);
      first.write(some, 0, Math.max(0, Math.min(n, KEPT - first.size())));
      total += n;
      reports.accept(new Heard(order.id(), total));
    }
    return answer.with(
        first.toString(StandardCharsets.ISO_8859_1),
        total,
        HexFormat.of().formatHex(digest.digest()));
  }

  /** What it comes to when {@code failure} was thrown. */
  synchronized Outcome failed(Throwable failure) {
    Outcome seen = head;
    return (seen != null ? seen : Outcome.of(order.id(), 0, "", "", List.of())).failed(failure);
  }

  /** SHA-256. */
  static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every JDK has it
    }
  }
}
