package dev.weft.instrumentation.sample;

import dev.weft.instrumentation.HiddenMembers;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;

/** Looks up what Java cannot name. */
final class Hidden {
  private static final String CLIENT = "lib.Client";
  private static final HiddenMembers MEMBERS = HiddenMembers.of(MethodHandles.lookup());

  static final MethodHandle FILTER = MEMBERS.getter(CLIENT, "filter", "Llib/Filter;");
  static final MethodHandle SET_FILTER = MEMBERS.setter(CLIENT, "filter", "Llib/Filter;");
  static final MethodHandle CREATE = MEMBERS.staticMethod(CLIENT, "create", "()Llib/Client;");
  static final MethodHandle NEW = MEMBERS.constructor(CLIENT, "()V");
  static final Class<?> NEWS = MEMBERS.optionalType("lib.Newer");
  static final MethodHandle CLOSE = MEMBERS.optionalMethod(CLIENT, "closeLater", "()V");

  private Hidden() {}
}
