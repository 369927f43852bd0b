/** A library, as the adapter in {@code dev.weft.instrumentation.sample} meets one. */
package lib;
