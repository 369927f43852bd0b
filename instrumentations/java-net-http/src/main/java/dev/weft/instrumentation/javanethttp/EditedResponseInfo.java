package dev.weft.instrumentation.javanethttp;

import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpResponse;

/** Response info with the headers that policy edited. Immutable. */
record EditedResponseInfo(int statusCode, HttpHeaders headers, HttpClient.Version version)
    implements HttpResponse.ResponseInfo {}
