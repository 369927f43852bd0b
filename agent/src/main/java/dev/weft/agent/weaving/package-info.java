/**
 * Weaving: which classes are changed and how.
 *
 * <p>{@link dev.weft.agent.weaving.Weaver} is the one class file transformer: it looks a class's
 * name up in a hash map and enters Byte Buddy only on a hit. {@link
 * dev.weft.agent.weaving.JdkWeaves} lists the JDK's socket classes, whose advice is inlined and
 * calls {@code dev.weft.bootstrap}; library instrumentations come from the SPI and are reached by
 * {@code invokedynamic} through {@link dev.weft.agent.weaving.AdviceLinker}, after {@link
 * dev.weft.agent.weaving.HookCheck} has found that the library has what they need. {@link
 * dev.weft.agent.weaving.Hooks} remembers what was woven and what was not.
 */
@NullMarked
package dev.weft.agent.weaving;

import org.jspecify.annotations.NullMarked;
