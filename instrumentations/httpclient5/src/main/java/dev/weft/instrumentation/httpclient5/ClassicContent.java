package dev.weft.instrumentation.httpclient5;

import dev.weft.instrumentation.OutboundRequest;
import dev.weft.instrumentation.OutboundRequest.Body;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import org.apache.hc.core5.http.HttpEntity;
import org.jspecify.annotations.Nullable;

/**
 * The body of a request of the classic client: an entity says itself whether it can be repeated.
 */
record ClassicContent(@Nullable HttpEntity entity) implements ApplicationRequest.Content {
  @Override
  public Body kind() {
    if (entity == null || entity.getContentLength() == 0) {
      return Body.NONE;
    }
    long length = entity.getContentLength();
    return entity.isRepeatable() && length > 0 && length <= OutboundRequest.MAX_REPLAYED
        ? Body.REPLAYABLE
        : Body.ONCE;
  }

  @Override
  public byte @Nullable [] bytes() {
    if (entity == null) {
      return null;
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try {
      entity.writeTo(bytes);
      return bytes.toByteArray();
    } catch (IOException e) {
      return null; // a file that is gone, say
    }
  }
}
