package systems;

import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/** A gRPC server on the Netty that gRPC carries within itself. */
public final class GrpcEcho {
  private GrpcEcho() {}

  /** Prints {@code listening <port>}. */
  public static void main(String[] args) throws IOException, InterruptedException {
    Server server =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .addService(
                ServerServiceDefinition.builder(Grpc.SERVICE)
                    .addMethod(
                        Grpc.SAME,
                        ServerCalls.asyncUnaryCall(
                            (byte[] request, StreamObserver<byte[]> answer) -> {
                              answer.onNext(request);
                              answer.onCompleted();
                            }))
                    .addMethod(
                        Grpc.EACH,
                        ServerCalls.asyncBidiStreamingCall(
                            (StreamObserver<byte[]> answer) -> answer))
                    .build())
            .build()
            .start();
    System.out.println("listening " + server.getPort());
    server.awaitTermination();
  }
}
