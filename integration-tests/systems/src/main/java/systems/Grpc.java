package systems;

import io.grpc.KnownLength;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/** A service without generated code: its messages are byte arrays. */
final class Grpc {
  static final String SERVICE = "systems.Echo";

  /** Answers with the request. */
  static final MethodDescriptor<byte[], byte[]> SAME = method("Same", MethodType.UNARY);

  /** Answers each message with the same. */
  static final MethodDescriptor<byte[], byte[]> EACH = method("Each", MethodType.BIDI_STREAMING);

  private Grpc() {}

  private static MethodDescriptor<byte[], byte[]> method(String name, MethodType type) {
    return MethodDescriptor.newBuilder(new Bytes(), new Bytes())
        .setType(type)
        .setFullMethodName(MethodDescriptor.generateFullMethodName(SERVICE, name))
        .build();
  }

  private static final class Bytes implements MethodDescriptor.Marshaller<byte[]> {
    private static final class Sized extends ByteArrayInputStream implements KnownLength {
      Sized(byte[] bytes) {
        super(bytes);
      }
    }

    @Override
    public InputStream stream(byte[] message) {
      return new Sized(message);
    }

    @Override
    public byte[] parse(InputStream in) {
      try {
        return in.readAllBytes();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
