package dev.weft.agent.traffic;

import dev.weft.instrumentation.OutboundRequest;
import dev.weft.policy.Call;
import java.util.List;

/** A library's request, as policy looks at it. */
record OutboundCall(OutboundRequest request) implements Call {
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
  public List<String> header(String name) {
    return request.header(name);
  }
}
