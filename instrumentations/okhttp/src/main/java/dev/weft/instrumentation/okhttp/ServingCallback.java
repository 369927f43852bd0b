package dev.weft.instrumentation.okhttp;

import dev.weft.instrumentation.Mesh;
import dev.weft.instrumentation.ServedRequest;
import dev.weft.instrumentation.ServerExchange;
import java.io.IOException;
import okhttp3.Call;
import okhttp3.Callback;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;

/**
 * The application's callback, and the inbound request that its thread served: what an {@code
 * AsyncCall} has from there to the thread that it runs on.
 */
record ServingCallback(Callback application, ServedRequest served) implements Callback {
  /** Null: the thread serves none, or it is known already. */
  static @Nullable Callback of(@Nullable Callback application) {
    ServedRequest served = Mesh.client().served();
    return application == null || served == null || application instanceof ServingCallback
        ? null
        : new ServingCallback(application, served);
  }

  /** Makes it known to the thread that runs the call; null: nothing is. */
  static ServerExchange.@Nullable Scope attach(@Nullable Callback callback) {
    return callback instanceof ServingCallback serving ? serving.served.attach() : null;
  }

  @Override
  public void onFailure(Call call, IOException failure) {
    application.onFailure(call, failure);
  }

  @Override
  public void onResponse(Call call, Response response) throws IOException {
    application.onResponse(call, response);
  }
}
