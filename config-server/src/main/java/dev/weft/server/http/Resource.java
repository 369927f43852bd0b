package dev.weft.server.http;

import dev.weft.server.protocol.Refusal;
import java.io.IOException;

/** Answers requests, on a worker thread; may block on disk and on signing. Thread-safe. */
@FunctionalInterface
public interface Resource {
  /** Answers, or refuses. An {@code IOException} is answered with 500 and logged. */
  Answer answer(Request request) throws IOException, Refusal;
}
