/**
 * Apache Tomcat 10.1 and 11. {@link dev.weft.instrumentation.tomcat.TomcatInstrumentation} says
 * where it is woven, the {@code ...Advice} classes say when, {@link
 * dev.weft.instrumentation.tomcat.MeshValve} is what happens.
 */
@NullMarked
package dev.weft.instrumentation.tomcat;

import org.jspecify.annotations.NullMarked;
