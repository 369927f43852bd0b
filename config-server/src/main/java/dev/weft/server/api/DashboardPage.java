package dev.weft.server.api;

import dev.weft.server.http.Answer;
import dev.weft.server.http.Caller;
import dev.weft.server.http.Routes;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/** One page that shows what the API says, read again every few seconds. */
public final class DashboardPage {
  private DashboardPage() {}

  /** Adds the page at {@code /}. */
  public static void addTo(Routes.Builder routes) {
    routes.get("/", Caller.VIEWER, request -> Answer.text("text/html; charset=utf-8", page()));
  }

  private static String page() throws IOException {
    try (InputStream page = DashboardPage.class.getResourceAsStream("dashboard.html")) {
      if (page == null) {
        throw new IOException("dashboard.html is not in the jar");
      }
      return new String(page.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
