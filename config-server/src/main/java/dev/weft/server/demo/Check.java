package dev.weft.server.demo;

import java.io.IOException;
import java.util.List;

/** Something the mesh promises, and how to see whether it keeps it. */
@FunctionalInterface
public interface Check {
  /** Drives traffic through the shop and tells what was seen. */
  List<Row> observe(Shop shop) throws IOException, InterruptedException;
}
