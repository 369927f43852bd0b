package dev.weft.instrumentation;

/**
 * What an adapter does with a response whose headers have arrived: an {@link Attempt} means that it
 * is dropped, with its body, and the request is sent again.
 */
public sealed interface Verdict permits Attempt, Deliver {}
