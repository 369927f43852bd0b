package systems;

import static systems.Stories.expect;
import static systems.Stories.expectSame;

import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Calls {@link GrpcEcho}. Each argument is {@code <variant>=<host>:<port>}. */
public final class GrpcClient {
  private static final int CALLS = 500;
  private static final int MESSAGES = 2_000;
  private static final int LARGE = 3 << 20;
  private static final int PATIENCE_SECONDS = 60;

  private final ManagedChannel channel;

  private GrpcClient(ManagedChannel channel) {
    this.channel = channel;
  }

  /** Prints {@code ready}, the stories and {@code done}. */
  public static void main(String[] args) throws Exception {
    System.out.println("ready");
    List<ManagedChannel> idle = new ArrayList<>();
    for (String arg : args) {
      String[] parts = arg.split("=", 2);
      ManagedChannel channel = NettyChannelBuilder.forTarget(parts[1]).usePlaintext().build();
      idle.add(channel);
      GrpcClient client = new GrpcClient(channel);
      Stories stories = new Stories(parts[0] + "_");
      stories.play("everyCallIsAnswered", client::everyCallIsAnswered);
      stories.play("aLargeMessageComesBackUnchanged", client::aLargeMessageComesBackUnchanged);
      stories.play("aStreamArrivesInOrder", client::aStreamArrivesInOrder);
    }
    Stories.awaitFarewell();
    for (ManagedChannel channel : idle) {
      channel.shutdownNow().awaitTermination(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }
  }

  private void everyCallIsAnswered() {
    for (int i = 0; i < CALLS; i++) {
      byte[] request = {(byte) i, (byte) (i >> 8)};
      expectSame(request, call(request));
    }
  }

  private void aLargeMessageComesBackUnchanged() {
    byte[] content = new byte[LARGE];
    new Random(42).nextBytes(content);
    expectSame(content, call(content));
  }

  private byte[] call(byte[] request) {
    return ClientCalls.blockingUnaryCall(
        channel,
        Grpc.SAME,
        CallOptions.DEFAULT.withDeadlineAfter(PATIENCE_SECONDS, TimeUnit.SECONDS),
        request);
  }

  private void aStreamArrivesInOrder() throws Exception {
    List<Integer> received = new ArrayList<>();
    CompletableFuture<Void> end = new CompletableFuture<>();
    StreamObserver<byte[]> requests =
        ClientCalls.asyncBidiStreamingCall(
            channel.newCall(Grpc.EACH, CallOptions.DEFAULT),
            new StreamObserver<>() {
              @Override
              public void onNext(byte[] message) {
                received.add((message[0] & 0xff) | (message[1] & 0xff) << 8);
              }

              @Override
              public void onError(Throwable failure) {
                end.completeExceptionally(failure);
              }

              @Override
              public void onCompleted() {
                end.complete(null);
              }
            });
    List<Integer> sent = new ArrayList<>();
    for (int i = 0; i < MESSAGES; i++) {
      sent.add(i);
      requests.onNext(new byte[] {(byte) i, (byte) (i >> 8)});
    }
    requests.onCompleted();
    end.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    expect(sent, received);
  }
}
