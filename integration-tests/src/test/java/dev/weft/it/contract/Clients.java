package dev.weft.it.contract;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** The libraries, by their names in {@link Libraries}, that a class of stories is for. */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
@interface Clients {
  String[] value();
}
