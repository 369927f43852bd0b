package dev.weft.instrumentation;

/**
 * What an adapter does with a response whose headers have arrived: a {@link Step} means that it is
 * dropped, with its body, and the step carried out.
 */
public sealed interface Verdict permits Step, Deliver {}
