package dev.weft.instrumentation.httpclient5;

import dev.weft.instrumentation.OutboundRequest;
import dev.weft.instrumentation.OutboundRequest.Body;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.ForkJoinPool;
import org.apache.hc.core5.http.EntityDetails;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.nio.AsyncClientExchangeHandler;
import org.apache.hc.core5.http.nio.AsyncEntityProducer;
import org.apache.hc.core5.http.nio.DataStreamChannel;
import org.jspecify.annotations.Nullable;

/**
 * The body of a request of an asynchronous client.
 *
 * <p>A short one whose producer can repeat it is read at once, before the first attempt, and sent
 * from here: the library's handler counts how often its body ended, so it may be asked only once.
 * Any other is produced live, by one attempt.
 */
final class AsyncBody implements ApplicationRequest.Content {
  /** Shared: it has no state that could change. */
  private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

  private final AsyncClientExchangeHandler handler;
  private final @Nullable EntityDetails details;

  /** Null: there is no body. */
  private final @Nullable Early early;

  private volatile boolean touched;

  private AsyncBody(AsyncClientExchangeHandler handler, @Nullable EntityDetails details) {
    this.handler = handler;
    this.details = details;
    this.early = details == null ? null : new Early();
  }

  static AsyncBody of(AsyncClientExchangeHandler handler, @Nullable EntityDetails details)
      throws IOException {
    AsyncBody body = new AsyncBody(handler, details);
    if (details != null
        && details.getContentLength() <= OutboundRequest.MAX_REPLAYED
        && details instanceof AsyncEntityProducer producer
        && producer.isRepeatable()
        && body.early != null) {
      body.readEarly(body.early);
    }
    return body;
  }

  /** Reads on while that gets anywhere. */
  private void readEarly(Early into) throws IOException {
    int before;
    do {
      before = into.bytes.size();
      handler.produce(into);
    } while (!into.ended && into.bytes.size() > before);
  }

  /** What has been read to its end; null: nothing has. */
  private @Nullable Early whole() {
    return early != null && early.ended ? early : null;
  }

  @Nullable EntityDetails details() {
    return details;
  }

  @Override
  public Body kind() {
    if (details == null || details.getContentLength() == 0) {
      return Body.NONE;
    }
    return whole() == null ? Body.ONCE : Body.REPLAYABLE;
  }

  @Override
  public byte @Nullable [] bytes() {
    Early read = whole();
    return read == null ? null : read.bytes.toByteArray();
  }

  /** Whether a body that cannot be sent again has been asked for. */
  boolean spent() {
    return touched && whole() == null;
  }

  /** The body for one attempt. */
  Source source() {
    return new Source();
  }

  /** Reads and forgets what nobody will get. */
  void skip() throws IOException {
    if (early == null || early.ended) {
      return;
    }
    Nowhere nowhere = new Nowhere();
    early.forwardTo(nowhere);
    handler.produce(nowhere);
  }

  /** The body as one attempt sends it. Confined to the library's I/O thread. */
  final class Source {
    private final ByteBuffer read =
        early == null || early.bytes.size() == 0
            ? NOTHING
            : ByteBuffer.wrap(early.bytes.toByteArray());
    private volatile boolean ended = details == null;

    boolean ended() {
      return ended;
    }

    int available() {
      return read.hasRemaining() || whole() != null ? Integer.MAX_VALUE : handler.available();
    }

    void produce(DataStreamChannel channel) throws IOException {
      touched = true;
      if (read.hasRemaining()) {
        channel.write(read);
        if (read.hasRemaining()) {
          return;
        }
      }
      Early whole = whole();
      if (whole != null) {
        ended = true;
        channel.endStream(whole.trailers);
        return;
      }
      DataStreamChannel noting = new Noting(channel);
      if (early != null) {
        early.forwardTo(noting);
      }
      handler.produce(noting);
    }

    /** Notes the end. */
    private final class Noting implements DataStreamChannel {
      private final DataStreamChannel channel;

      Noting(DataStreamChannel channel) {
        this.channel = channel;
      }

      @Override
      public void requestOutput() {
        channel.requestOutput();
      }

      @Override
      public int write(ByteBuffer from) throws IOException {
        return channel.write(from);
      }

      @Override
      public void endStream() throws IOException {
        ended = true;
        channel.endStream();
      }

      @Override
      public void endStream(@Nullable List<? extends Header> trailers) throws IOException {
        ended = true;
        channel.endStream(trailers);
      }
    }
  }

  /** Takes what is there before there is a connection; later calls go on to the connection. */
  private static final class Early implements DataStreamChannel {
    private final ByteArrayOutputStream bytes =
        new ByteArrayOutputStream(0); // most requests have none
    private volatile @Nullable DataStreamChannel connection;
    private volatile boolean ended;
    private @Nullable List<? extends Header> trailers;

    void forwardTo(DataStreamChannel channel) {
      connection = channel;
    }

    @Override
    public void requestOutput() {
      DataStreamChannel channel = connection;
      if (channel != null) {
        channel.requestOutput();
      }
    }

    @Override
    public int write(ByteBuffer from) throws IOException {
      DataStreamChannel channel = connection;
      if (channel != null) {
        return channel.write(from);
      }
      int room = OutboundRequest.MAX_REPLAYED - bytes.size();
      byte[] chunk = new byte[Math.min(from.remaining(), room)];
      from.get(chunk);
      bytes.writeBytes(chunk);
      return chunk.length;
    }

    @Override
    public void endStream() throws IOException {
      endStream(null);
    }

    @Override
    public void endStream(@Nullable List<? extends Header> last) throws IOException {
      DataStreamChannel channel = connection;
      if (channel != null) {
        channel.endStream(last);
        return;
      }
      trailers = last;
      ended = true;
    }
  }

  /** Takes everything, for ever. */
  private final class Nowhere implements DataStreamChannel {
    private volatile boolean ended;

    @Override
    public void requestOutput() {
      ForkJoinPool.commonPool()
          .execute(
              () -> {
                try {
                  if (!ended) {
                    handler.produce(this);
                  }
                } catch (IOException | RuntimeException e) {
                  ended = true; // the application's producer gave up
                }
              });
    }

    @Override
    public int write(ByteBuffer from) {
      int length = from.remaining();
      from.position(from.limit());
      return length;
    }

    @Override
    public void endStream() {
      ended = true;
    }

    @Override
    public void endStream(@Nullable List<? extends Header> trailers) {
      ended = true;
    }
  }
}
