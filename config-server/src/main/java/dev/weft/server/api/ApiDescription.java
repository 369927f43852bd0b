package dev.weft.server.api;

import dev.weft.server.http.Answer;
import dev.weft.server.http.Caller;
import dev.weft.server.http.Routes;
import java.io.IOException;
import java.io.InputStream;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/**
 * The description of the whole API, OpenAPI 3.1. It is written by hand in {@code openapi.yaml} and
 * kept true by a test.
 */
public final class ApiDescription {
  private ApiDescription() {}

  /** Adds it at {@code /v1/openapi.json}. */
  public static void addTo(Routes.Builder routes) {
    routes.get("/v1/openapi.json", Caller.VIEWER, request -> Answer.json(tree()));
  }

  private static Object tree() throws IOException {
    try (InputStream yaml = ApiDescription.class.getResourceAsStream("openapi.yaml")) {
      if (yaml == null) {
        throw new IOException("openapi.yaml is not in the jar");
      }
      LoaderOptions ours = new LoaderOptions();
      ours.setMaxAliasesForCollections(Integer.MAX_VALUE);
      return new Yaml(new SafeConstructor(ours)).load(yaml);
    }
  }
}
