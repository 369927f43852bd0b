package dev.weft.instrumentation;

/** What an adapter does with a request. */
public sealed interface Step permits Attempt, LocalReply {}
