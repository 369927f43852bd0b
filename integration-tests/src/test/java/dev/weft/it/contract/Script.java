package dev.weft.it.contract;

import java.io.IOException;

/** What a backend does with a request. */
@FunctionalInterface
interface Script {
  /**
   * Answers, or does not. The connection stays open afterwards unless the script closed it.
   *
   * @throws IOException when the client is gone; the connection is closed then
   */
  void play(Turn turn) throws IOException, InterruptedException;

  /** Answers with a status and a body. */
  static Script answer(int status, String body, String... headers) {
    return turn -> turn.answer(status, body, headers);
  }

  /** Sends exactly this. */
  static Script raw(String bytes) {
    return turn -> turn.send(bytes);
  }

  /** Sends exactly this, and closes. */
  static Script rawThenClose(String bytes) {
    return turn -> {
      turn.send(bytes);
      turn.close();
    };
  }

  /** Does nothing until the gate is open. */
  static Script behind(Gate gate, Script script) {
    return turn -> {
      gate.pass();
      script.play(turn);
    };
  }

  /** Reads the request and closes, without a byte. */
  static Script close() {
    return Turn::close;
  }

  /** Reads the request and resets the connection. */
  static Script reset() {
    return Turn::reset;
  }

  /** Reads the request and says nothing until the client is gone. */
  static Script silence() {
    return Turn::awaitEnd;
  }
}
