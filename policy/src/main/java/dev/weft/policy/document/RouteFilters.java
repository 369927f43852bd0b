package dev.weft.policy.document;

import dev.weft.policy.HeaderEdit;
import dev.weft.policy.Route;
import dev.weft.policy.RouteActions;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The filters of a rule or of a backend.
 *
 * @param actions rewrite, redirect and CORS; nothing else
 * @param invalid why they cannot all be carried out; empty: they can. Gateway API wants the
 *     requests of such a rule answered with an error rather than sent without the filter
 */
record RouteFilters(
    List<HeaderEdit> requestHeaders,
    List<HeaderEdit> responseHeaders,
    RouteActions actions,
    List<Spec.MirrorRef> mirrors,
    String invalid) {

  static final RouteFilters NONE =
      new RouteFilters(List.of(), List.of(), RouteActions.NONE, List.of(), "");

  private static final int MOST = 16;

  /** Type to the field that holds its settings. */
  private static final Map<String, String> HTTP = new LinkedHashMap<>();

  private static final Map<String, String> GRPC = new LinkedHashMap<>();

  static {
    HTTP.put("RequestHeaderModifier", "requestHeaderModifier");
    HTTP.put("ResponseHeaderModifier", "responseHeaderModifier");
    HTTP.put("RequestMirror", "requestMirror");
    HTTP.put("RequestRedirect", "requestRedirect");
    HTTP.put("URLRewrite", "urlRewrite");
    HTTP.put("CORS", "cors");
    HTTP.put("ExternalAuth", "externalAuth");
    HTTP.put("ExtensionRef", "extensionRef");
    GRPC.put("RequestHeaderModifier", "requestHeaderModifier");
    GRPC.put("ResponseHeaderModifier", "responseHeaderModifier");
    GRPC.put("RequestMirror", "requestMirror");
    GRPC.put("ExtensionRef", "extensionRef");
  }

  /**
   * Where filters stand.
   *
   * @param prefix the one prefix of paths that the rule takes; empty: there are none or several
   */
  record Scope(Route.Layer layer, String namespace, Optional<String> prefix, Owner owner) {
    /** The same for the rule's backends. */
    Scope ofBackend() {
      return new Scope(layer, namespace, prefix, Owner.BACKEND);
    }
  }

  /** What has filters. */
  enum Owner {
    RULE,
    BACKEND
  }

  /** Reads the field {@code filters} of a rule or of a backend. */
  static RouteFilters read(Fields owner, Scope scope) {
    Reading reading = new Reading(scope);
    List<Fields> filters = owner.objects("filters");
    filters.forEach(reading::filter);
    Portability.limit(owner, "filters", MOST);
    if (reading.redirect.isPresent() && reading.rewrite.isPresent()) {
      owner.problem(
          Code.DOES_NOT_FIT,
          "filters",
          "a redirect and a rewrite of one request exclude each other");
    }
    return reading.result();
  }

  /** Filters as far as they were read. Confined to one list. */
  private static final class Reading {
    private final Scope scope;
    private final Map<String, String> types;
    private final Set<String> seen = new HashSet<>();
    private final List<HeaderEdit> request = new ArrayList<>();
    private final List<HeaderEdit> response = new ArrayList<>();
    private final List<Spec.MirrorRef> mirrors = new ArrayList<>();
    private Optional<RouteActions.Redirect> redirect = Optional.empty();
    private Optional<RouteActions.Rewrite> rewrite = Optional.empty();
    private Optional<RouteActions.Cors> cors = Optional.empty();
    private String invalid = "";

    Reading(Scope scope) {
      this.scope = scope;
      this.types = scope.layer() == Route.Layer.GRPC ? GRPC : HTTP;
    }

    void filter(Fields fields) {
      String type = fields.choice("type", List.copyOf(types.keySet())).orElse("");
      if (!fields.has("type")) {
        fields.problem(Code.MISSING_FIELD, "field \"type\" is missing");
      }
      if (type.isEmpty()) {
        return;
      }
      if (!seen.add(type) && !type.equals("RequestMirror") && !type.equals("ExtensionRef")) {
        fields.problem(Code.BAD_VALUE, "type", type + " stands here twice");
      }
      String settings = types.getOrDefault(type, "");
      for (String other : types.values()) {
        if (!other.equals(settings) && fields.has(other)) {
          fields.problem(Code.DOES_NOT_FIT, other, "a filter of type " + type + " has none");
        }
      }
      Optional<Fields> found = fields.object(settings);
      if (found.isEmpty() && !fields.has(settings)) {
        fields.problem(Code.MISSING_FIELD, "field \"" + settings + "\" is missing");
      }
      if (type.equals("ExternalAuth") || type.equals("ExtensionRef")) {
        unsupported(fields, "filter " + type + " is not supported");
      } else if (type.equals("RequestRedirect") && scope.owner() == Owner.BACKEND) {
        unsupported(fields, "a redirect of a single backend is not supported");
      } else if (found.isPresent()) {
        settings(type, found.get());
      }
      fields.finish();
    }

    private void settings(String type, Fields settings) {
      switch (type) {
        case "RequestHeaderModifier" -> HeaderEdits.read(settings, request);
        case "ResponseHeaderModifier" -> HeaderEdits.read(settings, response);
        case "RequestMirror" -> {
          mirrors.add(BackendRefs.mirror(settings, scope.namespace()));
        }
        case "RequestRedirect" -> {
          redirect = Optional.of(TargetFilters.redirect(settings, scope.prefix()));
        }
        case "URLRewrite" -> {
          rewrite = Optional.of(TargetFilters.rewrite(settings, scope.prefix()));
        }
        default -> cors = Optional.of(CorsReader.read(settings));
      }
    }

    private void unsupported(Fields fields, String why) {
      invalid = why;
      fields.problem(Code.UNSUPPORTED_FILTER, "type", why + "; its requests get 500");
    }

    RouteFilters result() {
      RouteActions actions =
          new RouteActions(
              Optional.empty(),
              rewrite,
              List.of(),
              Optional.empty(),
              redirect,
              Optional.empty(),
              cors,
              Optional.empty());
      return new RouteFilters(
          List.copyOf(request), List.copyOf(response), actions, List.copyOf(mirrors), invalid);
    }
  }
}
