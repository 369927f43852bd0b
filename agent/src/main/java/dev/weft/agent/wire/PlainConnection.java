package dev.weft.agent.wire;

import dev.weft.bootstrap.Wire;
import dev.weft.policy.Peer;
import java.io.FileDescriptor;
import java.io.IOException;
import java.net.SocketException;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A connection which policy lets pass in plaintext without a look at its bytes: accepted on a port
 * with mode DISABLE, or made to an endpoint outside the mesh. It counts, and can be ended when the
 * policy changes. Thread-safe.
 */
final class PlainConnection extends KernelSession implements LiveConnection {
  private final WireLayer layer;
  private final Flow flow;
  private final ReentrantLock lock = new ReentrantLock();
  private volatile String failure = ""; // why it was ended
  private boolean closed;

  PlainConnection(WireLayer layer, FileDescriptor fd, Flow flow) {
    super(fd);
    this.layer = layer;
    this.flow = flow;
  }

  @Override
  public Flow flow() {
    return flow;
  }

  @Override
  public Peer peer() {
    return Peer.PLAINTEXT;
  }

  @Override
  public String stage() {
    return failure.isEmpty() ? "plaintext" : "refused";
  }

  @Override
  public Map<String, Object> encryption() {
    return Map.of();
  }

  @Override
  public long provenUntil() {
    return Long.MAX_VALUE;
  }

  @Override
  public void reevaluate() {
    String refusal = flow.outbound() ? null : layer.refusesPlaintext(flow);
    if (refusal != null) {
      end(refusal);
    }
  }

  private void end(String reason) {
    lock.lock();
    try {
      if (closed || !failure.isEmpty()) {
        return; // the number may be another's by now
      }
      failure = reason;
      layer.ended(this, reason);
      NativeIo.shutdown(descriptor, 2);
    } catch (IOException alreadyGone) {
      // nothing left to shut
    } finally {
      lock.unlock();
    }
  }

  @Override
  public int read(long address, int length) throws IOException {
    requireAllowed();
    int n = NativeIo.read(descriptor, address, length);
    if (n < 0) {
      requireAllowed(); // it may have been ended while we waited
    }
    flow.countReceived(n);
    return n;
  }

  @Override
  public long readv(long vectors, int count) throws IOException {
    requireAllowed();
    long n = NativeIo.readv(descriptor, vectors, count);
    if (n < 0) {
      requireAllowed();
    }
    flow.countReceived(n);
    return n;
  }

  @Override
  public int write(long address, int length) throws IOException {
    requireAllowed();
    int n = NativeIo.write(descriptor, address, length);
    flow.countSent(n);
    return n;
  }

  @Override
  public long writev(long vectors, int count) throws IOException {
    requireAllowed();
    long n = NativeIo.writev(descriptor, vectors, count);
    flow.countSent(n);
    return n;
  }

  private void requireAllowed() throws SocketException {
    String reason = failure;
    if (!reason.isEmpty()) {
      throw new SocketException(reason);
    }
  }

  @Override
  public int available() throws IOException {
    return NativeIo.available(descriptor);
  }

  @Override
  public void shutdown(int how) throws IOException {
    NativeIo.shutdown(descriptor, how);
  }

  @Override
  public boolean preClose() {
    return false;
  }

  @Override
  public void abort(Throwable fault) {
    end("the mesh itself failed: " + fault);
  }

  @Override
  public void abandon(Throwable fault) {
    close();
  }

  @Override
  public boolean close() {
    lock.lock();
    try {
      closed = true;
    } finally {
      lock.unlock();
    }
    Wire.detach(this);
    layer.closed(this);
    return false;
  }
}
