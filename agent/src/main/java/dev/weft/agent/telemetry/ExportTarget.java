package dev.weft.agent.telemetry;

import java.net.URI;
import javax.net.ssl.SSLContext;
import javax.net.ssl.X509TrustManager;

/**
 * The config server as a receiver of OTLP, used unless {@code OTEL_*} names another. Immutable.
 *
 * @param server base URI, {@code https://host:15010}
 * @param tls presents the workload's identity and checks the server's
 * @param trust the trust manager inside {@code tls}
 */
public record ExportTarget(URI server, SSLContext tls, X509TrustManager trust) {}
