package dev.weft.instrumentation.okhttp;

import dev.weft.instrumentation.HeaderChange;
import java.util.List;
import okhttp3.Call;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;

/**
 * What the application gets. Immutable.
 *
 * @param response as it came
 * @param changes edits of its headers
 * @param sending the attempt that it came of; null: the mesh answers itself
 * @param rival the call that it came by; null: the application's own
 */
record Answer(
    Response response,
    List<HeaderChange> changes,
    @Nullable Sending sending,
    @Nullable Call rival) {
  /** One that no endpoint gave. */
  static Answer local(Response response) {
    return new Answer(response, List.of(), null, null);
  }

  /** The same, by a call of ours; what no endpoint gave came by none. */
  Answer by(Call call) {
    return sending == null ? this : new Answer(response, changes, sending, call);
  }

  /** Lets go of it. */
  void discard() {
    if (sending != null) {
      sending.stop();
    }
    if (rival != null) {
      rival.cancel();
    }
    response.close();
  }
}
