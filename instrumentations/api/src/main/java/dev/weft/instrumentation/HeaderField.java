package dev.weft.instrumentation;

/** One header of a message. Immutable. */
public record HeaderField(String name, String value) {}
