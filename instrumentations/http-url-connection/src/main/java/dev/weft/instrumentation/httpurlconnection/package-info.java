/**
 * {@code java.net.HttpURLConnection} for plain {@code http:} URLs. {@link
 * dev.weft.instrumentation.httpurlconnection.HttpUrlConnectionInstrumentation} says where it is
 * woven, the {@code ...Advice} classes say when, {@link
 * dev.weft.instrumentation.httpurlconnection.HttpUrlConnectionAdapter} is what happens.
 */
@NullMarked
package dev.weft.instrumentation.httpurlconnection;

import org.jspecify.annotations.NullMarked;
