package dev.weft.agent.control;

import dev.weft.agent.config.Settings;
import dev.weft.agent.identity.Identity;
import dev.weft.agent.identity.IdentityStore;
import dev.weft.agent.identity.Pem;
import dev.weft.agent.log.Log;
import dev.weft.policy.Snapshot;
import dev.weft.policy.compile.CompiledMesh;
import dev.weft.policy.compile.MeshCompiler;
import dev.weft.policy.compile.Workload;
import dev.weft.policy.document.Diagnostic;
import dev.weft.policy.document.PolicyStore;
import dev.weft.policy.document.Severity;
import dev.weft.policy.document.SourceFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Policy from a folder, without a server: the same documents, compiled here for this one workload.
 * {@link #poll} notices changes of the files, of the identity and of the ports. A document that is
 * broken keeps its last good version and is logged with its place, once. Confined to the polling
 * thread.
 */
final class StandalonePolicy {
  private static final String DEFAULT_TRUST_DOMAIN = "cluster.local";
  private static final int MAX_DEPTH = 8;

  private final Path folder;
  private final Settings settings;
  private final IdentityStore identities;
  private final ListeningPorts listening;
  private final Snapshots snapshots;
  private final Log log;
  private PolicyStore store = PolicyStore.empty();
  private @Nullable Inputs compiled;
  private Set<String> told = Set.of();
  private String problem = "";

  /** Everything the snapshot is made of. */
  private record Inputs(
      List<SourceFile> files, @Nullable Identity identity, List<Integer> listening) {}

  StandalonePolicy(
      Path folder,
      Settings settings,
      IdentityStore identities,
      ListeningPorts listening,
      Snapshots snapshots,
      Log log) {
    this.folder = folder;
    this.settings = settings;
    this.identities = identities;
    this.listening = listening;
    this.snapshots = snapshots;
    this.log = log;
  }

  /** Publishes a snapshot if something changed. Call it every half second. */
  void poll() {
    try {
      Inputs now = new Inputs(files(), identities.current(), listening.ports());
      if (!now.equals(compiled)) {
        compile(now);
      }
      problem = "";
    } catch (IOException | CertificateException | RuntimeException e) {
      if (!problem.equals(e.toString())) {
        problem = e.toString();
        log.error("policy folder " + folder + " not read: " + e + "; the last good policy stays");
      }
    }
  }

  private void compile(Inputs now) throws CertificateException {
    boolean filesChanged = compiled == null || !now.files().equals(compiled.files());
    compiled = now;
    if (filesChanged) {
      store = store.update(now.files());
    }
    List<String> bundle = new ArrayList<>();
    Identity identity = now.identity();
    if (identity != null) {
      for (X509Certificate root : identity.bundle()) {
        bundle.add(Pem.of(root));
      }
    }
    String trustDomain = identity == null ? DEFAULT_TRUST_DOMAIN : identity.id().trustDomain();
    Workload self = self(identity, now.listening());
    CompiledMesh mesh = MeshCompiler.compileAlone(store, self, trustDomain, bundle);
    tell(mesh);
    Snapshot snapshot = mesh.snapshotFor(self);
    MeshView current = snapshots.current();
    if (current == null || !current.snapshot().equals(snapshot)) {
      snapshots.publish(new MeshView(snapshot));
      log.info(
          "policy applied version="
              + snapshot.version()
              + " services="
              + snapshot.services().size()
              + " from "
              + folder);
    }
  }

  /** Each diagnostic once, again only if it went away in between. */
  private void tell(CompiledMesh mesh) {
    Set<Diagnostic> all = new TreeSet<>(store.diagnostics());
    all.addAll(mesh.diagnostics());
    Set<String> now = new HashSet<>();
    for (Diagnostic diagnostic : all) {
      String text = diagnostic.toString();
      now.add(text);
      if (!told.contains(text)) {
        if (diagnostic.severity() == Severity.ERROR) {
          log.error("policy refused " + text);
        } else {
          log.warn("policy " + text);
        }
      }
    }
    told = now;
  }

  private Workload self(@Nullable Identity identity, List<Integer> ports) {
    String name = settings.service().isEmpty() ? "workload" : settings.service();
    return new Workload(
        name + "-" + ProcessHandle.current().pid(),
        settings.service(),
        settings.namespace(),
        identity == null ? settings.serviceAccount() : identity.id().serviceAccount(),
        identity == null ? "" : identity.id().toString(),
        settings.address().orElse("127.0.0.1"),
        settings.labels(),
        ports,
        settings.ports(),
        true);
  }

  private List<SourceFile> files() throws IOException {
    List<SourceFile> files = new ArrayList<>();
    try (Stream<Path> found = Files.walk(folder, MAX_DEPTH)) {
      List<Path> paths =
          found
              .filter(path -> SourceFile.accepts(path.toString()))
              .filter(Files::isRegularFile)
              .sorted()
              .toList();
      for (Path path : paths) {
        files.add(new SourceFile(folder.relativize(path).toString(), Files.readAllBytes(path)));
      }
    }
    return files;
  }
}
