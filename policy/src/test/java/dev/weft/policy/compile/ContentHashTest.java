package dev.weft.policy.compile;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ContentHashTest {
  /** Below, around and far above what is collected before it is hashed. */
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 8181, 8182, 8183, 8192, 100_000})
  void everyByteIsHashedOnce(int length) throws IOException, GeneralSecurityException {
    String text = "é".repeat(length / 2) + "x".repeat(length % 2);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream expected = new DataOutputStream(bytes);
    expected.writeByte('l');
    expected.writeInt(3);
    for (String one : List.of(text, "end", text)) {
      expected.writeByte('s');
      expected.writeInt(one.getBytes(StandardCharsets.UTF_8).length);
      expected.write(one.getBytes(StandardCharsets.UTF_8));
    }
    byte[] digest = MessageDigest.getInstance("SHA-256").digest(bytes.toByteArray());

    assertThat(ContentHash.of(List.of(text, "end", text)))
        .isEqualTo(HexFormat.of().formatHex(digest, 0, 8));
  }

  @Test
  void treesThatOnlyReadAlikeHaveOtherHashes() {
    assertThat(ContentHash.of(List.of("ab", "c"))).isNotEqualTo(ContentHash.of(List.of("a", "bc")));
    assertThat(ContentHash.of(1L)).isNotEqualTo(ContentHash.of("1"));
    assertThat(ContentHash.of(Map.of("a", "b"))).isNotEqualTo(ContentHash.of(List.of("a", "b")));
    assertThat(ContentHash.of(List.of("a", "b"))).isEqualTo(ContentHash.of(List.of("a", "b")));
  }
}
