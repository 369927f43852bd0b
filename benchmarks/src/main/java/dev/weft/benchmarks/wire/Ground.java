package dev.weft.benchmarks.wire;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What all variants share: certificates, JVMs, and the documents of the meshes. Immutable.
 *
 * @param java the JDK's launcher
 * @param agent the agent's jar
 * @param folder for everything that is written
 */
record Ground(Path java, Path agent, Path folder) {
  /** The peer is in the mesh. */
  private static final String INSIDE = meshConfig("STRICT", "127.0.0.1/32");

  /** The peer is none of the mesh, and the own ports are not secured. */
  private static final String OUTSIDE = meshConfig("DISABLE", "192.0.2.0/24");

  /** Writes what the variants need. */
  static Ground prepare(Path java, Path agent, Path folder) throws IOException {
    Ground ground = new Ground(java, agent, folder);
    Files.createDirectories(ground.certificates());
    Authority.writeTo(ground.certificates());
    Files.writeString(
        Files.createDirectories(folder.resolve("inside")).resolve("mesh.yaml"), INSIDE);
    Files.writeString(
        Files.createDirectories(folder.resolve("outside")).resolve("mesh.yaml"), OUTSIDE);
    return ground;
  }

  /** The folder of everybody's PEM files. */
  Path certificates() {
    return folder.resolve("certificates");
  }

  /** The same JVM for all, but for the agent. */
  List<String> jvm(Variant variant, String party) {
    List<String> command = new ArrayList<>();
    command.add(java.toString());
    command.add("-Xms256m");
    command.add("-Xmx256m");
    // The heap is resident from the start: what grows is outside of it.
    command.add("-XX:+AlwaysPreTouch");
    command.add("-Djdk.tls.namedGroups=x25519,secp256r1");
    if (variant.mesh() != Variant.Mesh.NONE) {
      command.addAll(agentOptions(variant.mesh(), party));
    }
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    return command;
  }

  private List<String> agentOptions(Variant.Mesh mesh, String party) {
    String documents = mesh == Variant.Mesh.OUTSIDE ? "outside" : "inside";
    return List.of(
        "-javaagent:" + agent,
        "-Dweft.service=" + party,
        "-Dweft.policy=" + folder.resolve(documents),
        "-Dweft.identity.cert=" + certificates().resolve(party + ".pem"),
        "-Dweft.identity.key=" + certificates().resolve(party + ".key"),
        "-Dweft.identity.bundle=" + certificates().resolve("authority.pem"),
        "-Dweft.startup.wait=60s",
        "-Dweft.tls.provider=" + (mesh == Variant.Mesh.OPENSSL ? "openssl" : "jsse"),
        // This is the wire's ground: what adapters do per request is measured elsewhere.
        "-Dweft.instrumentation.tomcat=false");
  }

  private static String meshConfig(String mode, String networks) {
    return """
        apiVersion: weft.dev/v1alpha1
        kind: MeshConfig
        metadata:
          name: mesh
        spec:
          mtls:
            mode: %s
            meshNetworks: [%s]
        """
        .formatted(mode, networks);
  }
}
