package dev.weft.it.contract;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;

/**
 * Accepts a web socket (RFC 6455) and says what it hears, until the client closes; frames of up to
 * 64 KiB.
 *
 * @param gate what the first message waits at
 */
record WebSocketScript(Gate gate) implements Script {
  private static final String GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  private static final int CLOSE = 8;
  private static final int MASK = 0x80;
  private static final int TWO_BYTES = 126;

  /** One that waits for nobody. */
  static WebSocketScript echo() {
    Gate open = new Gate();
    open.open();
    return new WebSocketScript(open);
  }

  @Override
  public void play(Turn turn) throws IOException, InterruptedException {
    String key =
        turn.request()
            .value("Sec-WebSocket-Key")
            .orElseThrow(() -> new IOException("no web socket was asked for"));
    turn.send(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + "Sec-WebSocket-Accept: "
            + accepting(key)
            + "\r\n\r\n");
    DataInputStream in = new DataInputStream(turn.input());
    DataOutputStream out = new DataOutputStream(turn.output());
    while (!echo(in, out)) {
      // one frame after the other
    }
    turn.close();
  }

  /** Whether it was the last frame. */
  private boolean echo(DataInputStream in, DataOutputStream out)
      throws IOException, InterruptedException {
    int first = in.readUnsignedByte();
    int length = in.readUnsignedByte() & ~MASK;
    if (length == TWO_BYTES) {
      length = in.readUnsignedShort();
    }
    byte[] mask = in.readNBytes(4);
    byte[] payload = in.readNBytes(length);
    for (int i = 0; i < payload.length; i++) {
      payload[i] ^= mask[i % mask.length];
    }
    gate.pass();
    out.write(first);
    if (length < TWO_BYTES) {
      out.write(length);
    } else {
      out.write(TWO_BYTES);
      out.writeShort(length);
    }
    out.write(payload);
    out.flush();
    return (first & 0xf) == CLOSE;
  }

  private static String accepting(String key) {
    try {
      byte[] text = (key + GUID).getBytes(StandardCharsets.US_ASCII);
      return Base64.getEncoder().encodeToString(MessageDigest.getInstance("SHA-1").digest(text));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every JDK has it
    }
  }
}
