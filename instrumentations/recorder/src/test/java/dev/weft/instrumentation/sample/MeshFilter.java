package dev.weft.instrumentation.sample;

import lib.Filter;

/** Implements an interface of the library. */
final class MeshFilter implements Filter {
  @Override
  public String filter(String request) {
    return describe() + request;
  }
}
