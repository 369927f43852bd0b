package dev.weft.agent.wire;

import java.io.IOException;
import java.nio.ByteBuffer;

/** What the JDK's socket classes do with a connection, be it of the mesh or not. */
interface Endpoint {
  int read(ByteBuffer target) throws IOException;

  long write(ByteBuffer... sources) throws IOException;

  int available() throws IOException;

  void shutdownOutput() throws IOException;

  /** False: the JDK puts another descriptor in the place of this one. */
  boolean preClose();

  /** False: the JDK closes the descriptor. */
  boolean close();

  /** Of the mesh. */
  record Mesh(MeshConnection connection) implements Endpoint {
    @Override
    public int read(ByteBuffer target) throws IOException {
      return connection.read(target);
    }

    @Override
    public long write(ByteBuffer... sources) throws IOException {
      return connection.write(sources);
    }

    @Override
    public int available() throws IOException {
      return connection.available();
    }

    @Override
    public void shutdownOutput() throws IOException {
      connection.shutdown(1);
    }

    @Override
    public boolean preClose() {
      return connection.preClose();
    }

    @Override
    public boolean close() {
      return connection.close();
    }
  }

  /** Of a program that knows no mesh. */
  record Plain(SimulatedKernel.End io) implements Endpoint {
    @Override
    public int read(ByteBuffer target) throws IOException {
      return io.read(target);
    }

    @Override
    public long write(ByteBuffer... sources) throws IOException {
      long total = 0;
      for (ByteBuffer source : sources) {
        total += source.hasRemaining() ? Math.max(0, io.write(source)) : 0;
        if (source.hasRemaining()) {
          break;
        }
      }
      return total == 0 ? Transport.UNAVAILABLE : total;
    }

    @Override
    public int available() {
      return io.available();
    }

    @Override
    public void shutdownOutput() throws IOException {
      io.shutdown(1);
    }

    @Override
    public boolean preClose() {
      return false;
    }

    @Override
    public boolean close() {
      return false;
    }
  }
}
