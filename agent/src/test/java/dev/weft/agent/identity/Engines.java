package dev.weft.agent.identity;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;

/** Two engines that talk to each other in memory. */
final class Engines {
  private final SSLEngine client;
  private final SSLEngine server;
  private final ByteBuffer toServer = ByteBuffer.allocate(1 << 16);
  private final ByteBuffer toClient = ByteBuffer.allocate(1 << 16);
  private int firstFlight; // of the client, in bytes
  private int laterFlights;
  SSLException clientError;
  SSLException serverError;

  Engines(SSLEngine client, SSLEngine server) {
    this.client = client;
    this.server = server;
  }

  /** Runs until both have nothing more to say; errors are kept. */
  Engines handshake() {
    for (int i = 0; i < 100; i++) {
      boolean moved = false;
      if (clientError == null) {
        try {
          int before = toServer.position();
          moved |= step(client, toClient, toServer);
          int sent = toServer.position() - before;
          if (firstFlight == 0) {
            firstFlight = sent;
          } else {
            laterFlights += sent;
          }
        } catch (SSLException e) {
          clientError = e;
          drain(client, toServer);
          moved = true;
        }
      }
      if (serverError == null) {
        try {
          moved |= step(server, toServer, toClient);
        } catch (SSLException e) {
          serverError = e;
          drain(server, toClient);
          moved = true;
        }
      }
      if (!moved) {
        break;
      }
    }
    return this;
  }

  boolean ok() {
    return clientError == null
        && serverError == null
        && client.getSession().isValid()
        && client.getHandshakeStatus() == HandshakeStatus.NOT_HANDSHAKING
        && server.getHandshakeStatus() == HandshakeStatus.NOT_HANDSHAKING
        && !client.getSession().getCipherSuite().contains("NULL");
  }

  /** Whether it was a full handshake: the client's hello was followed by its certificate. */
  boolean certificatesSent() {
    return laterFlights > 300;
  }

  /** Bytes that the server has sent and the client has not taken. */
  int waitingForClient() {
    return toClient.position();
  }

  /** What arrives of a word, after the handshake, with whatever travels beside it. */
  static String say(SSLEngine from, SSLEngine to, String word) throws SSLException {
    ByteBuffer plain = ByteBuffer.wrap(word.getBytes(StandardCharsets.UTF_8));
    ByteBuffer records = ByteBuffer.allocate(1 << 16);
    while (plain.hasRemaining()) {
      from.wrap(plain, records);
    }
    records.flip();
    ByteBuffer heard = ByteBuffer.allocate(1 << 16);
    while (records.hasRemaining()) {
      if (to.unwrap(records, heard).getHandshakeStatus() == HandshakeStatus.NEED_TASK) {
        to.getDelegatedTask().run();
      }
    }
    return StandardCharsets.UTF_8.decode(heard.flip()).toString();
  }

  private static void drain(SSLEngine engine, ByteBuffer out) {
    try {
      while (engine.wrap(ByteBuffer.allocate(0), out).bytesProduced() > 0) {}
    } catch (SSLException e) {
      // the alert is out
    }
  }

  private static boolean step(SSLEngine engine, ByteBuffer in, ByteBuffer out) throws SSLException {
    boolean moved = false;
    if (engine.getHandshakeStatus() == HandshakeStatus.NOT_HANDSHAKING
        && in.position() == 0
        && engine.getSession().getCipherSuite().contains("NULL")) {
      engine.beginHandshake();
      moved = true;
    }
    for (Runnable task = engine.getDelegatedTask(); task != null; ) {
      task.run();
      moved = true;
      task = engine.getDelegatedTask();
    }
    if (engine.getHandshakeStatus() == HandshakeStatus.NEED_WRAP) {
      moved |= engine.wrap(ByteBuffer.allocate(0), out).bytesProduced() > 0;
    }
    in.flip();
    int before = in.remaining();
    if (before > 0 && engine.getHandshakeStatus() != HandshakeStatus.NEED_WRAP) {
      engine.unwrap(in, ByteBuffer.allocate(1 << 16));
      moved |= in.remaining() != before;
    }
    in.compact();
    return moved;
  }
}
