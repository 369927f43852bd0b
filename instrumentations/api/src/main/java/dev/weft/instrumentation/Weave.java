package dev.weft.instrumentation;

import net.bytebuddy.description.method.MethodDescription;
import net.bytebuddy.matcher.ElementMatcher;

/**
 * A woven method and its advice.
 *
 * @param method selects the methods of the type, constructors included
 * @param adviceClass binary name of a class with Byte Buddy advice, {@code inline = false} on each
 *     method
 */
public record Weave(ElementMatcher<? super MethodDescription> method, String adviceClass) {}
