/** Tests of the recorder, on the adapter in {@code dev.weft.instrumentation.sample}. */
package dev.weft.recorder;
