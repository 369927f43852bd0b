package dev.weft.instrumentation.sample;

import lib.Client;

/** Extends a class of the library. */
final class MeshClient extends Client {
  @Override
  public String send(String request) {
    return sent + super.send(request);
  }
}
