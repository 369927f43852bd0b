package dev.weft.agent.telemetry;

import dev.weft.agent.config.Settings;
import dev.weft.agent.control.AgentThreads;
import io.opentelemetry.common.ComponentLoader;
import io.opentelemetry.exporter.otlp.http.metrics.OtlpHttpMetricExporter;
import io.opentelemetry.exporter.otlp.http.metrics.OtlpHttpMetricExporterBuilder;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporterBuilder;
import io.opentelemetry.exporter.sender.jdk.internal.JdkHttpSenderProvider;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.autoconfigure.AutoConfiguredOpenTelemetrySdk;
import io.opentelemetry.sdk.autoconfigure.spi.ConfigProperties;
import io.opentelemetry.sdk.common.export.HttpSenderProvider;
import io.opentelemetry.sdk.metrics.InstrumentSelector;
import io.opentelemetry.sdk.metrics.View;
import io.opentelemetry.sdk.metrics.export.MetricExporter;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import java.net.URI;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Builds the OpenTelemetry SDK: {@code OTEL_*} decides, the mesh only fills in what it leaves open.
 *
 * <p>Without an OTLP endpoint of its own, telemetry goes to the config server, often, because its
 * dashboard is live; without a config server it goes nowhere.
 */
final class Sdk {
  private Sdk() {}

  /** A started SDK; throws what OpenTelemetry throws about settings that it cannot follow. */
  static OpenTelemetrySdk start(
      Settings settings,
      Optional<ExportTarget> target,
      AgentThreads threads,
      DoubleSupplier samplingPercent) {
    ExecutorService senders = Executors.newCachedThreadPool(threads.named("telemetry-sender"));
    return AutoConfiguredOpenTelemetrySdk.builder()
        .setComponentLoader(components())
        .disableShutdownHook() // ours is bounded, see Telemetry
        .addPropertiesSupplier(() -> resource(settings))
        .addPropertiesCustomizer(config -> export(config, target))
        .addSamplerCustomizer(
            (sampler, config) ->
                config.getString("otel.traces.sampler") != null
                    ? sampler
                    : Sampler.parentBased(new DynamicSampler(samplingPercent)))
        .addSpanExporterCustomizer(
            (exporter, config) -> spans(exporter, server(config, "traces", target), senders))
        .addMetricExporterCustomizer(
            (exporter, config) -> metrics(exporter, server(config, "metrics", target), senders))
        .addMeterProviderCustomizer(
            (provider, config) ->
                provider.registerView(
                    InstrumentSelector.builder().setName("istio_tcp_*").build(),
                    View.builder().setCardinalityLimit(ConnectionMetrics.MOST_SERIES + 1).build()))
        .build()
        .getOpenTelemetrySdk();
  }

  /** What our class loader finds, but the sender. */
  private static ComponentLoader components() {
    ComponentLoader found = ComponentLoader.forClassLoader(Sdk.class.getClassLoader());
    return new ComponentLoader() {
      @Override
      public <T> Iterable<T> load(Class<T> spi) {
        if (spi != HttpSenderProvider.class) {
          return found.load(spi);
        }
        HttpSenderProvider real = new JdkHttpSenderProvider();
        HttpSenderProvider late = config -> new LateSender(real, config);
        return List.of(spi.cast(late));
      }
    };
  }

  /** Who we are, unless {@code OTEL_SERVICE_NAME} or {@code OTEL_RESOURCE_ATTRIBUTES} say it. */
  private static Map<String, String> resource(Settings settings) {
    Map<String, String> defaults = new HashMap<>();
    if (!settings.service().isEmpty()) {
      defaults.put("otel.service.name", settings.service());
    }
    StringBuilder attributes = new StringBuilder("service.namespace=" + settings.namespace());
    String version = settings.labels().get("version");
    if (version != null) {
      attributes.append(",service.version=").append(version);
    }
    defaults.put("otel.resource.attributes", attributes.toString());
    return defaults;
  }

  private static Map<String, String> export(
      ConfigProperties config, Optional<ExportTarget> target) {
    Map<String, String> defaults = new HashMap<>();
    put(defaults, config, "otel.logs.exporter", "none");
    put(defaults, config, "otel.exporter.otlp.protocol", "http/protobuf");
    boolean own = configured(config, "traces") || configured(config, "metrics");
    if (own) {
      return defaults;
    }
    if (target.isEmpty()) {
      put(defaults, config, "otel.traces.exporter", "none");
      put(defaults, config, "otel.metrics.exporter", "none");
      return defaults;
    }
    URI server = target.get().server();
    put(defaults, config, "otel.exporter.otlp.traces.endpoint", server.resolve("/v1/traces"));
    put(defaults, config, "otel.exporter.otlp.metrics.endpoint", server.resolve("/v1/metrics"));
    put(defaults, config, "otel.bsp.schedule.delay", "1000");
    put(defaults, config, "otel.metric.export.interval", "5000");
    put(defaults, config, "otel.metric.export.timeout", "5000");
    return defaults;
  }

  private static void put(
      Map<String, String> defaults, ConfigProperties config, String key, Object value) {
    if (config.getString(key) == null) {
      defaults.put(key, value.toString());
    }
  }

  private static boolean configured(ConfigProperties config, String signal) {
    return config.getString("otel.exporter.otlp.endpoint") != null
        || config.getString("otel.exporter.otlp." + signal + ".endpoint") != null;
  }

  /** The config server, where the exporter's endpoint is the one we filled in. */
  private static @Nullable ExportTarget server(
      ConfigProperties config, String signal, Optional<ExportTarget> target) {
    String endpoint = config.getString("otel.exporter.otlp." + signal + ".endpoint");
    return target
        .filter(known -> known.server().resolve("/v1/" + signal).toString().equals(endpoint))
        .orElse(null);
  }

  private static SpanExporter spans(
      SpanExporter exporter, @Nullable ExportTarget server, ExecutorService senders) {
    if (!(exporter instanceof OtlpHttpSpanExporter otlp)) {
      return exporter;
    }
    OtlpHttpSpanExporterBuilder builder = otlp.toBuilder().setExecutorService(senders);
    if (server != null) {
      builder.setSslContext(server.tls(), server.trust());
    }
    return builder.build();
  }

  private static MetricExporter metrics(
      MetricExporter exporter, @Nullable ExportTarget server, ExecutorService senders) {
    if (!(exporter instanceof OtlpHttpMetricExporter otlp)) {
      return exporter;
    }
    OtlpHttpMetricExporterBuilder builder = otlp.toBuilder().setExecutorService(senders);
    if (server != null) {
      builder.setSslContext(server.tls(), server.trust());
    }
    return builder.build();
  }
}
