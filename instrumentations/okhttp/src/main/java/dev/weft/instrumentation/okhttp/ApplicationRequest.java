package dev.weft.instrumentation.okhttp;

import dev.weft.instrumentation.OutboundRequest;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import okhttp3.Call;
import okhttp3.Headers;
import okhttp3.Request;
import okhttp3.RequestBody;
import okio.Buffer;
import org.jspecify.annotations.Nullable;

/** The application's request, as the mesh looks at it. Immutable, but for the body. */
final class ApplicationRequest implements OutboundRequest {
  private final Request request;
  private final Call call;

  ApplicationRequest(Request request, Call call) {
    this.request = request;
    this.call = call;
  }

  @Override
  public String method() {
    return request.method();
  }

  @Override
  public String host() {
    return request.url().host();
  }

  @Override
  public int port() {
    return request.url().port();
  }

  @Override
  public String pathAndQuery() {
    String url = request.url().toString(); // canonical: there is a path, and # means a fragment
    int path = url.indexOf('/', url.indexOf("://") + 3);
    int fragment = url.indexOf('#', path);
    return fragment < 0 ? url.substring(path) : url.substring(path, fragment);
  }

  @Override
  public List<String> header(String name) {
    return request.headers(name);
  }

  @Override
  public void eachHeader(BiConsumer<String, String> nameAndValue) {
    Headers headers = request.headers();
    for (int i = 0; i < headers.size(); i++) {
      nameAndValue.accept(headers.name(i), headers.value(i));
    }
  }

  /** The library demands of a body which is not "one shot" that it can be written again. */
  @Override
  public Body body() {
    RequestBody body = request.body();
    if (body == null) {
      return Body.NONE;
    }
    if (body.isOneShot() || body.isDuplex()) {
      return Body.ONCE;
    }
    try {
      long length = body.contentLength();
      if (length == 0) {
        return Body.NONE;
      }
      return length > 0 && length <= MAX_REPLAYED ? Body.REPLAYABLE : Body.ONCE;
    } catch (IOException e) {
      return Body.ONCE; // the library will meet it, too
    }
  }

  @Override
  public byte @Nullable [] bytes() {
    RequestBody body = request.body();
    if (body == null || body() != Body.REPLAYABLE) {
      return null;
    }
    Buffer copy = new Buffer();
    try {
      body.writeTo(copy);
    } catch (IOException e) {
      return null;
    }
    return copy.size() <= MAX_REPLAYED ? copy.readByteArray() : null;
  }

  @Override
  public Optional<Duration> timeout() {
    long nanos = call.timeout().timeoutNanos();
    return nanos == 0 ? Optional.empty() : Optional.of(Duration.ofNanos(nanos));
  }
}
