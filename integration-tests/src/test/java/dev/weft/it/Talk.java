package dev.weft.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.server.demo.Child;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** A program that answers each line of its input with one line, such as {@code app.Caller}. */
record Talk(Child program) {

  /** The answer. */
  String ask(String question) throws IOException, InterruptedException {
    int before = program.stdout().size();
    program.stdin().write((question + "\n").getBytes(StandardCharsets.UTF_8));
    program.stdin().flush();
    TestMesh.eventually(() -> assertThat(program.stdout()).hasSizeGreaterThan(before));
    return program.stdout().get(before);
  }
}
