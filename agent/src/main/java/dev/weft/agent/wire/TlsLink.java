package dev.weft.agent.wire;

import dev.weft.agent.identity.BufferPool;
import dev.weft.agent.identity.MeshEngine;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLEngineResult.Status;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * TLS records over a {@link Transport}: the state machine below a connection, without sockets,
 * threads or policy. Buffers are taken from the pool when bytes must be held and given back when
 * they are gone, so an idle link holds none.
 *
 * <p>A write is <em>consumed</em> only when its ciphertext has reached the transport. When the
 * transport takes only a part, the plaintext in that record is <em>owed</em>: the caller hears that
 * its write would block, and when it offers the same bytes again, they are credited, not encrypted
 * twice. So back-pressure is the kernel's own.
 *
 * <p>One reader and one writer may be inside at the same time (SSLEngine allows that); handshaking
 * is for one thread alone. The owner sees to both.
 */
final class TlsLink {
  /** What {@link #advance} needs before it can go on. */
  enum Need {
    READ,
    WRITE,
    TASK,
    NOTHING
  }

  private static final ByteBuffer EMPTY = ByteBuffer.allocate(0);
  private static final int RECORD_HEADER = 5;
  private static final int FIRST_TYPE = 20;
  private static final int LAST_TYPE = 23;
  private static final int MAJOR_VERSION = 3;
  private static final int LARGEST_RECORD = 16_709;

  /** What may follow the header of a TLS 1.3 record (RFC 8446, section 5.2). */
  private static final int LARGEST_FRAGMENT = 16_384 + 256;

  /** Records without data, such as empty ones, that a peer may send in a row. */
  private static final int QUIET_LIMIT = 1_000;

  /** And since we last could write: JSSE keeps an answer for each that is a key update. */
  private static final int UNANSWERED_LIMIT = 1_000;

  private final SSLEngine engine;
  private final Transport transport;
  private final BufferPool pool;

  private @Nullable ByteBuffer in; // ciphertext, ready to be read
  private @Nullable ByteBuffer plain; // plaintext that did not fit, ready to be read
  private @Nullable ByteBuffer out; // ciphertext that the transport did not take
  private long owed; // plaintext bytes, now ciphertext, that have not been reported as written
  private @Nullable IOException broken; // met before a reader could be told
  private boolean closeReceived;
  private int quiet; // records without data since the last with some
  private volatile int unanswered; // records without data since the last of ours

  // True while a thread is inside, and for ever once it has left by a fault (no stack, no memory, a
  // bug): half a record may be in the buffers, so nothing of that half may be used again.
  private boolean insideInput;
  private boolean insideOutput;

  /**
   * A link of the given engine.
   *
   * @param first ciphertext that has been read already, ready to be read; from {@code pool}, now
   *     the link's
   */
  TlsLink(SSLEngine engine, Transport transport, BufferPool pool, @Nullable ByteBuffer first)
      throws SSLException {
    engine.beginHandshake();
    this.engine = engine;
    this.transport = transport;
    this.pool = pool;
    this.in = first;
  }

  SSLEngine engine() {
    return engine;
  }

  /** Moves the handshake on as far as it goes without waiting. */
  Need advance() throws IOException {
    enterInput();
    enterOutput();
    try {
      Need need = advanceRecords();
      leaveInput();
      leaveOutput();
      return need;
    } catch (IOException e) {
      leaveInput();
      leaveOutput();
      throw e;
    }
  }

  private Need advanceRecords() throws IOException {
    while (true) {
      if (out != null && flush() < 0) {
        return Need.WRITE;
      }
      HandshakeStatus status = engine.getHandshakeStatus();
      switch (status) {
        case NEED_TASK -> {
          return Need.TASK;
        }
        case NEED_WRAP -> wrapHandshake();
        case NEED_UNWRAP, NEED_UNWRAP_AGAIN -> {
          if (!unwrapHandshake()) {
            shelve();
            return Need.READ;
          }
        }
        default -> {
          return Need.NOTHING;
        }
      }
    }
  }

  private void wrapHandshake() throws IOException {
    ByteBuffer record = pool.take();
    SSLEngineResult result;
    try {
      result = engine.wrap(EMPTY, record);
    } finally {
      keep(record.flip());
    }
    if (result.getStatus() == Status.CLOSED && out == null) {
      throw new SSLException("closed during the handshake");
    }
  }

  /** A peer in the middle of a record of its handshake may never go on: it holds little. */
  private void shelve() {
    ByteBuffer source = in;
    if (source != null && source.isDirect()) {
      in = ByteBuffer.allocate(source.remaining()).put(source).flip();
      pool.give(source);
    }
  }

  /** False: bytes are missing. */
  private boolean unwrapHandshake() throws IOException {
    ByteBuffer source = in;
    if (source != null && holdsRecord(source)) {
      requireRecord(source);
      ByteBuffer scratch = pool.take();
      SSLEngineResult result;
      try {
        result = engine.unwrap(source, scratch);
      } finally {
        pool.give(scratch);
      }
      releaseIn();
      switch (result.getStatus()) {
        case OK -> {
          return true;
        }
        case CLOSED -> throw new SSLException("the peer closed during the handshake");
        default -> {
          // underflow: read more
        }
      }
    }
    int n = fill();
    if (n == Transport.EOF) {
      throw new EOFException("the peer closed the connection during the handshake");
    }
    return n > 0;
  }

  /** Runs what {@link Need#TASK} asked for. Costly; may run outside any lock. */
  void runTasks() {
    for (Runnable task = engine.getDelegatedTask();
        task != null;
        task = engine.getDelegatedTask()) {
      task.run();
    }
  }

  /** Plaintext bytes into {@code target}, or a constant of {@link Transport}. */
  int read(ByteBuffer target) throws IOException {
    enterInput();
    try {
      int n = readRecords(target);
      leaveInput();
      return n;
    } catch (IOException e) {
      leaveInput();
      throw e;
    }
  }

  private int readRecords(ByteBuffer target) throws IOException {
    int total = deliver(target);
    if (broken != null && total == 0) {
      throw broken;
    }
    while (broken == null && target.hasRemaining()) {
      ByteBuffer source = in;
      if (source == null || !holdsRecord(source)) {
        if (total > 0) {
          return total;
        }
        if (closeReceived) {
          return Transport.EOF;
        }
        int n = fill();
        if (n == Transport.EOF) {
          throw new EOFException("connection truncated: the peer closed without close_notify");
        }
        if (n <= 0) {
          return n == 0 ? Transport.UNAVAILABLE : n;
        }
        continue;
      }
      SSLEngineResult result;
      try {
        requireRecord(source);
        result = engine.unwrap(source, target);
        if (result.getStatus() == Status.BUFFER_OVERFLOW) {
          if (total > 0) {
            return total;
          }
          result = unwrapAside(source);
          total += deliver(target);
        } else {
          total += result.bytesProduced();
        }
        requirePurpose(result);
      } catch (SSLException e) {
        if (total > 0) {
          broken = e; // what came before it is good, as it is before a reset
          return total;
        }
        throw e;
      } finally {
        releaseIn();
      }
      if (result.getStatus() == Status.CLOSED) {
        closeReceived = true;
        return total > 0 ? total : Transport.EOF;
      }
      postHandshake(result);
    }
    return total;
  }

  /** Without waiting for bytes that the engine will refuse, or that never come. */
  private static void requireRecord(ByteBuffer source) throws SSLException {
    if (!startsRecord(source)) {
      throw new SSLException("not a TLS record, or one that is longer than the protocol allows");
    }
  }

  /** A peer shall not keep us busy, or filling memory with answers, for nothing. */
  private void requirePurpose(SSLEngineResult result) throws SSLException {
    if (result.bytesProduced() > 0) {
      quiet = 0;
      return;
    }
    quiet++;
    int owing = unanswered + 1; // a writer may set it to 0 meanwhile: then it is too many by one
    unanswered = owing;
    if (quiet > QUIET_LIMIT || owing > UNANSWERED_LIMIT) {
      throw new SSLException("the peer sent " + owing + " records without data");
    }
  }

  /** Decrypts a record that is larger than what the reader offers. */
  private SSLEngineResult unwrapAside(ByteBuffer source) throws SSLException {
    ByteBuffer larger = pool.take();
    try {
      return engine.unwrap(source, larger);
    } finally {
      hold(larger.flip());
    }
  }

  /** Decrypts what has arrived; the number of plaintext bytes held. */
  int available() throws IOException {
    if (plain == null && !closeReceived) {
      ByteBuffer target = pool.take();
      try {
        read(target);
      } catch (IOException e) {
        broken = e; // a plain socket's kernel keeps a reset for the next read, too
      } finally {
        hold(target.flip());
      }
    }
    ByteBuffer held = plain;
    return held == null ? 0 : held.remaining();
  }

  /** Whether a read would return something, or throw, although the transport is empty. */
  boolean undelivered() {
    ByteBuffer source = in;
    return plain != null || broken != null || (source != null && holdsRecord(source));
  }

  /**
   * The number of plaintext bytes consumed, or a constant of {@link Transport}. After it took fewer
   * than offered, the next call must offer the rest again, in chunks of any size. Where the sources
   * then stand means nothing: the number counts.
   */
  long write(ByteBuffer... sources) throws IOException {
    enterOutput();
    try {
      long n = writeRecords(sources);
      leaveOutput();
      return n;
    } catch (IOException e) {
      leaveOutput();
      throw e;
    }
  }

  private long writeRecords(ByteBuffer[] sources) throws IOException {
    if (out != null) {
      int status = flush();
      if (status < 0) {
        return status;
      }
    }
    // Even with nothing left to flush: the caller may repeat its write in smaller chunks.
    long total = credit(sources);
    while (Vectors.hasRemaining(sources)) {
      long consumed = wrap(sources);
      owed = consumed;
      int status = flush();
      if (status < 0) {
        return total > 0 ? total : status;
      }
      owed = 0;
      total += consumed;
    }
    return total;
  }

  /** Whether the peer may have updated its keys, which wants an answer; any write carries it. */
  boolean mayOweAnswer() {
    return unanswered > 0;
  }

  /**
   * Sends what {@link #mayOweAnswer} asks for; a writer's business, for those who only read.
   *
   * @return whether the transport has taken it; false also while a write is not done
   */
  boolean answer() throws IOException {
    enterOutput();
    try {
      boolean sent = out == null && sendAnswer();
      leaveOutput();
      return sent;
    } catch (IOException e) {
      leaveOutput();
      throw e;
    }
  }

  private boolean sendAnswer() throws IOException {
    int produced;
    do {
      ByteBuffer record = pool.take();
      try {
        produced = engine.wrap(EMPTY, record).bytesProduced();
      } finally {
        keep(record.flip());
      }
      if (flush() < 0) {
        return false;
      }
    } while (produced > 0);
    unanswered = 0;
    return true;
  }

  /** As much as fits into one buffer; the number of plaintext bytes in it. */
  private long wrap(ByteBuffer[] sources) throws IOException {
    ByteBuffer record = pool.take();
    unanswered = 0;
    long consumed = 0;
    try {
      while (Vectors.hasRemaining(sources) && record.remaining() >= LARGEST_RECORD) {
        // The wrap after a key update or a ticket may consume nothing: loop on what was consumed.
        SSLEngineResult result = engine.wrap(sources, 0, sources.length, record);
        consumed += result.bytesConsumed();
        if (result.getStatus() == Status.CLOSED) {
          throw new SSLException("connection closed for writing");
        }
        if (result.bytesConsumed() == 0 && result.bytesProduced() == 0) {
          throw new SSLException("the engine encrypts nothing: " + result);
        }
      }
    } finally {
      keep(record.flip());
    }
    return consumed;
  }

  /** Sends close_notify unless that has been done; false: the transport did not take all of it. */
  boolean closeOutbound() throws IOException {
    enterOutput();
    try {
      boolean sent = sendCloseNotify();
      leaveOutput();
      return sent;
    } catch (IOException e) {
      leaveOutput();
      throw e;
    }
  }

  private boolean sendCloseNotify() throws IOException {
    if (out != null && flush() < 0) {
      return false;
    }
    engine.closeOutbound();
    while (!engine.isOutboundDone()) { // an answer to a key update may go first
      ByteBuffer record = pool.take();
      try {
        if (engine.wrap(EMPTY, record).bytesProduced() == 0) {
          return true;
        }
      } finally {
        keep(record.flip());
      }
      if (flush() < 0) {
        return false;
      }
    }
    return true;
  }

  private void enterInput() throws SSLException {
    if (insideInput) {
      throw new SSLException("a fault of the mesh cut a record short while it was read");
    }
    insideInput = true;
  }

  private void leaveInput() {
    insideInput = false;
  }

  private void enterOutput() throws SSLException {
    if (insideOutput) {
      throw new SSLException("a fault of the mesh cut a record short while it was written");
    }
    insideOutput = true;
  }

  private void leaveOutput() {
    insideOutput = false;
  }

  /** Whether a record waits for the transport: somebody's write is not done. */
  boolean writing() {
    return out != null;
  }

  /** Gives the reader's buffers back; nobody may be reading. */
  void releaseInput() {
    if (!insideInput) {
      give(in);
      give(plain);
    } // else they may be the pool's again already, and twice in it would join two connections
    in = null;
    plain = null;
  }

  /** Gives the writer's buffer back; nobody may be writing. */
  void releaseOutput() {
    if (!insideOutput) {
      give(out);
    }
    out = null;
  }

  /**
   * Lets the engine go; its native memory, if it has any, is free from now on. Also while others
   * are reading or writing: they meet an {@link SSLException}.
   */
  void release() {
    if (engine instanceof MeshEngine ours) {
      ours.release();
    }
  }

  private @Nullable ByteBuffer give(@Nullable ByteBuffer buffer) {
    if (buffer != null && buffer.isDirect()) {
      pool.give(buffer);
    }
    return null;
  }

  /** After a key update of the peer the engine wants to answer; the next write carries it. */
  private void postHandshake(SSLEngineResult result) throws SSLException {
    if (result.getHandshakeStatus() == HandshakeStatus.NEED_TASK) {
      runTasks();
    } else if (result.bytesConsumed() == 0) {
      throw new SSLException("the engine does not take a complete record: " + result);
    }
  }

  private int deliver(ByteBuffer target) {
    ByteBuffer held = plain;
    if (held == null) {
      return 0;
    }
    int n = Math.min(held.remaining(), target.remaining());
    target.put(target.position(), held, held.position(), n);
    target.position(target.position() + n);
    held.position(held.position() + n);
    if (!held.hasRemaining()) {
      plain = give(held);
    }
    return n;
  }

  private void hold(ByteBuffer bytes) {
    if (bytes.hasRemaining()) {
      plain = bytes;
    } else {
      pool.give(bytes);
    }
  }

  private void keep(ByteBuffer bytes) {
    if (bytes.hasRemaining()) {
      out = bytes;
    } else {
      pool.give(bytes);
    }
  }

  private void releaseIn() {
    if (in != null && !in.hasRemaining()) {
      in = give(in);
    }
  }

  /** Also when what it holds can never become one: then there is nothing to wait for. */
  private static boolean holdsRecord(ByteBuffer source) {
    return source.remaining() >= RECORD_HEADER
        && (!startsRecord(source) || source.remaining() >= RECORD_HEADER + fragmentLength(source));
  }

  private static boolean startsRecord(ByteBuffer source) {
    int type = source.get(source.position());
    return type >= FIRST_TYPE
        && type <= LAST_TYPE
        && source.get(source.position() + 1) == MAJOR_VERSION
        && fragmentLength(source) <= LARGEST_FRAGMENT;
  }

  private static int fragmentLength(ByteBuffer record) {
    return record.getShort(record.position() + 3) & 0xffff;
  }

  private int fill() throws IOException {
    ByteBuffer buffer = in;
    if (buffer == null) {
      buffer = pool.take();
    } else if (buffer.isDirect()) {
      buffer.compact();
    } else {
      buffer = pool.take().put(buffer);
    }
    if (!buffer.hasRemaining()) {
      in = buffer.flip();
      throw new SSLException("a TLS record larger than the protocol allows");
    }
    int n = Transport.UNAVAILABLE;
    try {
      n = transport.read(buffer);
    } finally {
      in = buffer.flip();
      releaseIn();
    }
    return n;
  }

  /** Negative: the transport does not take more now. */
  private int flush() throws IOException {
    ByteBuffer pending = out;
    if (pending != null) {
      while (pending.hasRemaining()) {
        int n = transport.write(pending);
        if (n < 0) {
          return n;
        }
        if (n == 0) {
          return Transport.UNAVAILABLE;
        }
      }
      out = give(pending);
    }
    return 0;
  }

  private long credit(ByteBuffer[] sources) {
    long total = 0;
    for (ByteBuffer source : sources) {
      int n = (int) Math.min(owed, source.remaining());
      source.position(source.position() + n);
      owed -= n;
      total += n;
    }
    return total;
  }
}
