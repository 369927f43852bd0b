/**
 * What is probably not meant, between documents that are each fine: {@link
 * dev.weft.policy.validate.Validation}. Asked by {@code weft lint} and by nobody on the way to a
 * snapshot, so it may take its time; still, no check is worse than n log n, or it has a bound.
 */
@NullMarked
package dev.weft.policy.validate;

import org.jspecify.annotations.NullMarked;
