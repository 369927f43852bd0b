package dev.weft.instrumentation.reactornetty;

import io.netty.channel.Channel;
import io.netty.channel.ChannelPromise;
import io.netty.channel.EventLoop;
import io.netty.handler.stream.ChunkedInput;
import io.netty.handler.stream.ChunkedWriteHandler;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayDeque;
import java.util.Queue;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.MonoSink;
import reactor.netty.NettyPipeline;
import reactor.netty.channel.AbortedException;

/**
 * The parts of a body on their way from the application's stand-in to the connection of an attempt.
 * A write is done when the connection has taken it, so the application's own back-pressure holds.
 * Everything happens on one event loop, in the order of the calls.
 */
final class BodyParts {
  private final EventLoop loop;
  private final Queue<Part> waiting = new ArrayDeque<>();
  private @Nullable Channel to;
  private @Nullable MonoSink<Void> done;
  private boolean complete;
  private boolean closed;
  private @Nullable Throwable failure;

  private record Part(Object message, ChannelPromise promise) {}

  BodyParts(EventLoop loop) {
    this.loop = loop;
  }

  void write(Object message, ChannelPromise promise) {
    onLoop(
        () -> {
          Channel connection = to;
          if (closed) {
            drop(message, promise);
          } else if (connection == null) {
            waiting.add(new Part(message, promise));
          } else {
            pass(connection, message, promise);
          }
        });
  }

  void flush() {
    onLoop(
        () -> {
          Channel connection = to;
          if (connection != null) {
            connection.flush();
          }
        });
  }

  /** The application has no more. */
  void complete() {
    onLoop(
        () -> {
          complete = true;
          settle();
        });
  }

  /** The application fails to give the rest. */
  void fail(Throwable cause) {
    onLoop(
        () -> {
          failure = cause;
          settle();
        });
  }

  /** The head is out: what is there goes behind it, and what comes. */
  void sendTo(Channel connection, MonoSink<Void> sink) {
    onLoop(
        () -> {
          to = connection;
          done = sink;
          waiting.forEach(part -> pass(connection, part.message, part.promise));
          waiting.clear();
          connection.flush();
          settle();
        });
  }

  /** To be called on the event loop, unless that has been shut down. */
  void close() {
    closed = true;
    waiting.forEach(part -> drop(part.message, part.promise));
    waiting.clear();
  }

  private void settle() {
    MonoSink<Void> sink = done;
    if (sink != null && failure != null) {
      sink.error(failure);
    } else if (sink != null && complete) {
      sink.success();
    }
  }

  private void pass(Channel connection, Object message, ChannelPromise promise) {
    if (message instanceof ChunkedInput
        && connection.pipeline().get(ChunkedWriteHandler.class) == null) {
      connection
          .pipeline()
          .addBefore(
              NettyPipeline.ReactiveBridge, NettyPipeline.ChunkedWriter, new ChunkedWriteHandler());
    }
    connection
        .write(message)
        .addListener(
            written ->
                onLoop(
                    () -> {
                      if (written.isSuccess()) {
                        promise.trySuccess();
                      } else {
                        promise.tryFailure(written.cause());
                      }
                    }));
  }

  /** Nobody takes it. */
  static void drop(Object message, ChannelPromise promise) {
    ReferenceCountUtil.release(message);
    promise.tryFailure(AbortedException.beforeSend());
  }

  private void onLoop(Runnable task) {
    if (loop.inEventLoop()) {
      task.run();
    } else {
      loop.execute(task);
    }
  }
}
