package dev.weft.instrumentation.reactornetty;

import io.netty.channel.AbstractChannel;
import io.netty.channel.Channel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelMetadata;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.ChannelPromise;
import io.netty.channel.DefaultChannelConfig;
import io.netty.channel.DefaultChannelPromise;
import io.netty.channel.EventLoop;
import io.netty.util.Attribute;
import io.netty.util.AttributeKey;
import io.netty.util.concurrent.ImmediateEventExecutor;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import reactor.netty.NettyPipeline;

/**
 * The channel into which the application writes its request while there is no connection yet. It
 * has no socket: what is written goes to the {@link Recording}, from the thread that writes where
 * that is possible, so that the mesh is asked on the thread that subscribed.
 *
 * <p>Most requests write their head to it, and that is all. So it is registered with its event
 * loop, which that must be woken for, and its pipeline is filled, when somebody looks at the
 * pipeline or waits for the end. Thread-safe.
 */
final class StandInChannel extends AbstractChannel {
  private static final ChannelMetadata METADATA = new ChannelMetadata(false);
  private static final InetSocketAddress LOCAL = new InetSocketAddress(0);

  private final ChannelConfig config = new DefaultChannelConfig(this);
  private final Recording recording;
  private final SocketAddress remote;
  private final EventLoop loop;
  private volatile Set<AttributeKey<?>> attributes = Set.of();
  private volatile boolean open = true;
  private volatile boolean handedOut;
  private volatile boolean alive;

  StandInChannel(Recording recording, SocketAddress remote, EventLoop loop) {
    super(null);
    this.recording = recording;
    this.remote = remote;
    this.loop = loop;
  }

  /** The library has looked at it: who does from now on is the application, or works for it. */
  void handOut() {
    handedOut = true;
  }

  @SuppressWarnings("FutureReturnValueIgnored") // what is written waits for the event loop anyway
  private synchronized void enliven() {
    if (alive) {
      return;
    }
    ChannelPipeline pipeline = super.pipeline();
    pipeline.addLast(new Writes());
    // The library's senders write from the last handler, which is the bridge to its operations.
    pipeline.addLast(NettyPipeline.ReactiveBridge, new ChannelDuplexHandler());
    alive = true; // others may look from here on
    loop.register(this);
    if (!open) {
      close();
    }
  }

  /** Nobody needs it any more. */
  @SuppressWarnings("FutureReturnValueIgnored") // a channel without a socket closes at once
  synchronized void end() {
    if (!alive) {
      open = false;
      return;
    }
    try {
      loop.execute(this::close);
    } catch (RejectedExecutionException e) {
      close(); // the application has shut its event loops down
    }
  }

  @Override
  public ChannelPipeline pipeline() {
    if (handedOut && !alive) {
      enliven();
    }
    return super.pipeline();
  }

  @Override
  public ChannelFuture closeFuture() {
    if (!alive) {
      enliven();
    }
    return super.closeFuture();
  }

  @Override
  public EventLoop eventLoop() {
    return loop;
  }

  /** Keys under which somebody has looked for an attribute, without the library's own. */
  Set<AttributeKey<?>> attributes() {
    return attributes;
  }

  @Override
  public <T> Attribute<T> attr(AttributeKey<T> key) {
    if (!key.name().startsWith("$") && !attributes.contains(key)) {
      look(key);
    }
    return super.attr(key);
  }

  private synchronized void look(AttributeKey<?> key) {
    Set<AttributeKey<?>> more = new HashSet<>(attributes);
    more.add(key);
    attributes = more;
  }

  /** Who waits for a write is told by the thread that writes to the attempt's connection. */
  @Override
  public ChannelPromise newPromise() {
    return new DefaultChannelPromise(this, ImmediateEventExecutor.INSTANCE);
  }

  @Override
  public ChannelFuture write(Object message) {
    return write(message, newPromise());
  }

  @Override
  public ChannelFuture write(Object message, ChannelPromise promise) {
    recording.write(message, promise);
    return promise;
  }

  @Override
  public ChannelFuture writeAndFlush(Object message) {
    return writeAndFlush(message, newPromise());
  }

  @Override
  public ChannelFuture writeAndFlush(Object message, ChannelPromise promise) {
    recording.write(message, promise);
    recording.flush();
    return promise;
  }

  @Override
  protected AbstractUnsafe newUnsafe() {
    return new AbstractUnsafe() {
      @Override
      public void connect(SocketAddress to, SocketAddress from, ChannelPromise promise) {
        promise.tryFailure(new UnsupportedOperationException());
      }
    };
  }

  /** There is nothing to read, and nobody to wake for it. */
  @Override
  public Channel read() {
    return this;
  }

  @Override
  protected boolean isCompatible(EventLoop loop) {
    return true;
  }

  @Override
  protected SocketAddress localAddress0() {
    return LOCAL;
  }

  @Override
  protected SocketAddress remoteAddress0() {
    return remote;
  }

  @Override
  protected void doBind(SocketAddress address) {
    throw new UnsupportedOperationException();
  }

  @Override
  protected void doDisconnect() {
    open = false;
  }

  @Override
  protected void doClose() {
    open = false;
  }

  @Override
  protected void doBeginRead() {}

  @Override
  protected void doWrite(ChannelOutboundBuffer written) {
    throw new UnsupportedOperationException(); // nothing comes past Writes
  }

  @Override
  public ChannelConfig config() {
    return config;
  }

  @Override
  public boolean isOpen() {
    return open;
  }

  @Override
  public boolean isActive() {
    return open;
  }

  @Override
  public ChannelMetadata metadata() {
    return METADATA;
  }

  /** What reaches the head of the pipeline, from the library's senders of many parts. */
  private final class Writes extends ChannelOutboundHandlerAdapter {
    @Override
    public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
      recording.write(message, promise);
    }

    @Override
    public void flush(ChannelHandlerContext context) {
      recording.flush();
    }
  }
}
