package dev.weft.policy;

/** What a server accepts (Istio {@code PeerAuthentication}). */
public enum MtlsMode {
  /** Only mutual TLS of the mesh. */
  STRICT,
  /** Mutual TLS of the mesh, and everything else untouched. */
  PERMISSIVE,
  /** The mesh stays out of the connection. */
  DISABLE
}
