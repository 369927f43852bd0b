/**
 * {@code com.sun.net.httpserver}. {@link
 * dev.weft.instrumentation.jdkhttpserver.JdkHttpServerInstrumentation} says where it is woven, the
 * {@code ...Advice} classes say when, {@link
 * dev.weft.instrumentation.jdkhttpserver.JdkHttpServerAdapter} is what happens.
 */
@NullMarked
package dev.weft.instrumentation.jdkhttpserver;

import org.jspecify.annotations.NullMarked;
