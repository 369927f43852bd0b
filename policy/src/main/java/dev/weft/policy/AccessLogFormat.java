package dev.weft.policy;

/** How access logs are written. */
public enum AccessLogFormat {
  /** Istio's default text. */
  TEXT,
  /** One JSON object per line, with Istio's keys. */
  JSON
}
