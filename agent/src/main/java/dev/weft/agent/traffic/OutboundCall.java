package dev.weft.agent.traffic;

import dev.weft.instrumentation.OutboundRequest;
import dev.weft.policy.Call;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A library's request, as policy looks at it. Confined to the request's thread. */
final class OutboundCall implements Call {
  private final OutboundRequest request;

  /** Routes and limits both ask for it. */
  private @Nullable String normalTarget;

  OutboundCall(OutboundRequest request) {
    this.request = request;
  }

  @Override
  public String host() {
    return request.host();
  }

  @Override
  public int port() {
    return request.port();
  }

  @Override
  public String method() {
    return request.method();
  }

  @Override
  public String pathAndQuery() {
    return request.pathAndQuery();
  }

  @Override
  public String normalTarget() {
    String known = normalTarget;
    if (known == null) {
      known = Call.super.normalTarget();
      normalTarget = known;
    }
    return known;
  }

  @Override
  public List<String> header(String name) {
    return request.header(name);
  }
}
