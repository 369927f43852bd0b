package dev.weft.instrumentation.reactornetty;

import dev.weft.instrumentation.OutboundRequest;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** The application's request as it wrote it, as the mesh looks at it. Thread-safe. */
final class ApplicationRequest implements OutboundRequest {
  private final Recording recording;
  private final InetSocketAddress address;

  ApplicationRequest(Recording recording, InetSocketAddress address) {
    this.recording = recording;
    this.address = address;
  }

  @Override
  public String method() {
    return recording.head().method().name();
  }

  @Override
  public String host() {
    return address.getHostString();
  }

  @Override
  public int port() {
    return address.getPort();
  }

  @Override
  public String pathAndQuery() {
    return recording.head().uri();
  }

  @Override
  public List<String> header(String name) {
    return HeaderEdits.values(recording.headers(), name);
  }

  @Override
  public void eachHeader(BiConsumer<String, String> nameAndValue) {
    recording.headers().forEach(field -> nameAndValue.accept(field.getKey(), field.getValue()));
  }

  @Override
  public Body body() {
    return recording.kind();
  }

  @Override
  public byte @Nullable [] bytes() {
    return recording.bytes();
  }

  /** The library limits each wait for bytes, not the call. */
  @Override
  public Optional<Duration> timeout() {
    return Optional.empty();
  }
}
