/**
 * What goes round the JDK's sockets, where the wire layer cannot see it. {@link
 * dev.weft.agent.bypass.Bypasses} recognises it by the classes that are loaded, {@link
 * dev.weft.agent.bypass.Transports} hears from adapters what was steered to the JDK's sockets or
 * refused instead. {@code weft status} and the log say all three.
 */
@NullMarked
package dev.weft.agent.bypass;

import org.jspecify.annotations.NullMarked;
