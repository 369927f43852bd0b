package dev.weft.policy;

import static dev.weft.policy.Policies.access;
import static dev.weft.policy.Policies.get;
import static dev.weft.policy.Policies.notPaths;
import static dev.weft.policy.Policies.paths;
import static dev.weft.policy.Policies.policy;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.policy.AccessPolicy.Action;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What becomes of odd spellings. The policies: who may see {@code /public/*} only; who must not see
 * {@code /admin} and what is below; who must not see anything but {@code /public/*}.
 */
class PathAttackTest {
  private static final Access ALLOW = access(policy(Action.ALLOW, paths("/public/*")));
  private static final Access DENY = access(policy(Action.DENY, paths("/admin", "/admin/*")));
  private static final Access DENY_NOT = access(policy(Action.DENY, notPaths("/public/*")));

  @ParameterizedTest(name = "{0}: ALLOW public {1}, DENY admin {2}, DENY not public {3}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        // as everybody sends them
        "/public/x                | allow | allow | allow",
        "/public/                 | allow | allow | allow",
        "/admin                   | deny  | deny  | deny",
        "/admin/x                 | deny  | deny  | deny",
        "/other                   | deny  | allow | deny",
        // empty segments
        "//admin                  | deny  | deny  | deny",
        "///admin//x              | deny  | deny  | deny",
        "/public//x               | allow | allow | allow",
        "//public/x               | deny  | allow | deny",
        // dot segments
        "/./admin                 | deny  | deny  | deny",
        "/public/./x              | allow | allow | allow",
        "/public/../admin         | deny  | deny  | deny",
        "/admin/../public/x       | deny  | deny  | deny",
        "/public/../public/x      | allow | allow | allow",
        "/public/..               | deny  | allow | deny",
        "/public/x/../../admin    | deny  | deny  | deny",
        "/../admin                | deny  | deny  | deny",
        "/public/../../admin      | deny  | deny  | deny",
        "/public/...              | allow | allow | allow",
        // coded dots and letters
        "/%2e/admin               | deny  | deny  | deny",
        "/public/%2e%2e/admin     | deny  | deny  | deny",
        "/public/%2E%2E/admin     | deny  | deny  | deny",
        "/public/.%2e/admin       | deny  | deny  | deny",
        "/%61dmin                 | deny  | deny  | deny",
        "/%70ublic/x              | deny  | allow | deny",
        "/public/%78              | allow | allow | allow",
        // coded separators
        "/admin%2fx               | deny  | deny  | deny",
        "/public%2fx              | deny  | allow | deny",
        "/public/..%2fadmin       | deny  | deny  | deny",
        "/public%2f..%2fadmin     | deny  | deny  | deny",
        "/admin%5cx               | deny  | deny  | deny",
        "/public/..%5cadmin       | deny  | deny  | deny",
        // backslashes
        "\\admin                  | deny  | deny  | deny",
        "/\\admin                 | deny  | deny  | deny",
        "/public\\..\\admin       | deny  | deny  | deny",
        "/public/..\\admin        | deny  | deny  | deny",
        // parameters
        "/admin;x=1               | deny  | deny  | deny",
        "/admin;/x                | deny  | deny  | deny",
        "/public/..;/admin        | deny  | deny  | deny",
        "/public/..;x=1/admin     | deny  | deny  | deny",
        "/public;x/y              | deny  | allow | deny",
        "/public/x;y=1            | allow | allow | allow",
        "/;/admin                 | deny  | deny  | deny",
        "/admin%3bx=1             | deny  | deny  | deny",
        // coded twice
        "/admin%252fx             | deny  | deny  | deny",
        "/public/%252e%252e/admin | deny  | deny  | deny",
        "/public/..%252fadmin     | deny  | deny  | deny",
        "/public/..%255cadmin     | deny  | deny  | deny",
        "/public/%25252e/admin    | deny  | deny  | deny",
        "/public/100%25           | allow | allow | allow",
        // what ends a path
        "/admin#x                 | deny  | deny  | deny",
        "/public/#/../admin       | deny  | deny  | deny",
        "/admin?x                 | deny  | deny  | deny",
        "/public/%23x             | allow | allow | allow",
        "/public/%3fx             | allow | allow | allow",
        // controls
        "/admin%00                | deny  | deny  | deny",
        "/admin%00.png            | deny  | deny  | deny",
        "/public/x%00             | deny  | deny  | deny",
        "/public/%0a              | deny  | deny  | deny",
        "/admin%09                | deny  | deny  | deny",
        "/public/%7f              | deny  | deny  | deny",
        // broken codes and texts
        "/admin%                  | deny  | deny  | deny",
        "/public/%zz              | deny  | deny  | deny",
        "/public/%c0%ae%c0%ae/x   | deny  | deny  | deny",
        "/public/%ff              | deny  | deny  | deny",
        "/public/%u002e           | deny  | deny  | deny",
        "/public/caf%c3%a9        | allow | allow | allow",
        "/public/caf\u00e9        | deny  | deny  | deny",
        // forms of the request target
        "http://pay/public/x      | deny  | deny  | deny",
        "http://pay/admin         | deny  | deny  | deny",
        "*                        | deny  | allow | deny",
        "public/x                 | deny  | deny  | deny",
        "\"\"                     | deny  | deny  | deny",
        // other paths, as in Istio: case, a slash or a dot at the end make another path
        "/ADMIN                   | deny  | allow | deny",
        "/Public/x                | deny  | allow | deny",
        "/admin/                  | deny  | deny  | deny",
        "/admin.                  | deny  | allow | deny",
        "/public                  | deny  | allow | deny",
        "/public.                 | deny  | allow | deny",
      })
  void whatAServerCouldReadDifferentlyIsDenied(
      String path, String allow, String deny, String denyNot) {
    assertThat(verdict(ALLOW, path)).isEqualTo(allow);
    assertThat(verdict(DENY, path)).isEqualTo(deny);
    assertThat(verdict(DENY_NOT, path)).isEqualTo(denyNot);
  }

  private static String verdict(Access access, String path) {
    return access.request(get(path)).allowed() ? "allow" : "deny";
  }

  /**
   * Whatever a path is made of: if a rule allows it, then it allows it in the spelling that came,
   * in its normal form, and whoever normalises once more stays there.
   */
  @Test
  void noGeneratedPathIsAllowedInOneSpellingOnly() {
    List<String> pieces =
        List.of(
            "/", "//", "/./", "/../", "..", ".", "admin", "public", "x", "%2e", "%2E%2e", "%2f",
            "%5c", "\\", ";", ";x=1", "..;", "%252f", "%252e", "%25", "#", "?", "%00", "%61",
            "%c3%a9", "%zz", "*", "\u00e9", " ", "{*}", "a.b", "%3b", "%0a");
    List<Access> decides =
        List.of(
            ALLOW,
            DENY,
            DENY_NOT,
            access(policy(Action.ALLOW, paths("/public/{*}/x", "/public/{**}"))),
            access(policy(Action.DENY, paths("/admin/{**}", "*admin"))));
    Random random = new Random(20_261_129);
    int allowed = 0;
    for (int i = 0; i < 40_000; i++) {
      StringBuilder path = new StringBuilder("/");
      int length = 1 + random.nextInt(7);
      for (int j = 0; j < length; j++) {
        path.append(pieces.get(random.nextInt(pieces.size())));
      }
      String sent = path.toString();
      for (Access access : decides) {
        if (access.request(get(sent)).allowed()) {
          allowed++;
          String normal = NormalPath.of(sent).orElseThrow();
          assertThat(access.request(get(spelt(normal))).allowed()).as(sent).isTrue();
          assertThat(normal).as(sent).doesNotContain("//", "/./", "/../", "\\", ";");
        }
      }
    }
    assertThat(allowed).isGreaterThan(500);
  }

  /** A normal form as a client would send it. */
  private static String spelt(String normal) {
    StringBuilder sent = new StringBuilder();
    for (byte b : normal.getBytes(java.nio.charset.StandardCharsets.UTF_8)) {
      char c = (char) (b & 0xff);
      boolean plain = c > ' ' && c < 0x7f && "%#?;\\".indexOf(c) < 0;
      sent.append(plain ? String.valueOf(c) : "%%%02X".formatted((int) c));
    }
    return sent.toString();
  }
}
