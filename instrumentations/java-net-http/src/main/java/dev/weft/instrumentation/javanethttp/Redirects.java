package dev.weft.instrumentation.javanethttp;

import dev.weft.instrumentation.HeaderField;
import dev.weft.instrumentation.LocalReply;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Redirect;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Follows the redirects that the mesh answers with as the client follows those of servers: its own
 * filter works below us and never sees them. Stateless.
 */
final class Redirects {
  private static final Set<Integer> FOLLOWED = Set.of(301, 302, 303, 307, 308);
  private static final int SEE_OTHER = 303;
  private static final int KEEPS_METHOD = 307;

  private Redirects() {}

  /**
   * The request that follows a reply; null: the application gets the reply. That of a web socket's
   * handshake has no follower: the client's own forgets to ask for the upgrade.
   */
  static @Nullable HttpRequest following(HttpClient client, HttpRequest request, LocalReply reply) {
    boolean followed = FOLLOWED.contains(reply.status()) && !WebSockets.opens(request);
    URI target = followed ? target(request.uri(), reply) : null;
    if (target == null || !allows(client.followRedirects(), request.uri(), target)) {
      return null;
    }
    HttpRequest.Builder builder = HttpRequest.newBuilder(request, (name, value) -> true);
    builder.uri(target);
    if (getInstead(reply.status(), request.method())) {
      builder.method("GET", BodyPublishers.noBody());
    }
    return builder.build();
  }

  private static @Nullable URI target(URI asked, LocalReply reply) {
    for (HeaderField field : reply.headers()) {
      if (field.name().equalsIgnoreCase("location")) {
        try {
          return asked.resolve(field.value());
        } catch (IllegalArgumentException e) {
          return null;
        }
      }
    }
    return null;
  }

  private static boolean allows(Redirect policy, URI from, URI to) {
    return switch (policy) {
      case ALWAYS -> true;
      case NEVER -> false;
      case NORMAL ->
          from.getScheme().equalsIgnoreCase(to.getScheme())
              || "https".equalsIgnoreCase(to.getScheme());
    };
  }

  /** As the client does: 303 asks for a GET, and so does, after a POST, an old 301 or 302. */
  private static boolean getInstead(int status, String method) {
    return status == SEE_OTHER
        ? !method.equals("HEAD")
        : status < KEEPS_METHOD && method.equals("POST");
  }
}
