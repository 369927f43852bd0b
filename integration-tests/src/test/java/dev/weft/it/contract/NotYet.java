package dev.weft.it.contract;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * The story is how it must be, and Weft cannot do it yet: it is not run, the results and the matrix
 * say so. Whoever builds the feature takes the mark away.
 *
 * <p>{@code -Dweft.contract.try=REGEX} runs the stories all the same whose feature matches.
 */
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@interface NotYet {
  /** The missing feature, in a word or two. */
  String value();
}
