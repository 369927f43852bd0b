package dev.weft.instrumentation;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Marks a helper class of an adapter that is used with some versions of its library only: what it
 * refers to is recorded as optional, and what it alone leads to. Whoever calls it must have asked
 * first which version there is, by a member of {@link HiddenMembers} for example; the JVM links the
 * helper when it is first used.
 */
@Retention(RetentionPolicy.CLASS)
@Target(ElementType.TYPE)
public @interface OptionalMembers {}
