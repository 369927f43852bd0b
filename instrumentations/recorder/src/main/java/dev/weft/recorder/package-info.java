/**
 * The build's part of the hook check: reads an adapter's compiled classes and writes down what they
 * need of the library.
 *
 * <p>{@link dev.weft.recorder.Recorder} is run by each instrumentation's module. {@link
 * dev.weft.recorder.Adapter} finds the classes that a hook reaches from its advice; {@link
 * dev.weft.recorder.Members} reads one of them; {@link dev.weft.recorder.Passing} follows values
 * through its methods to learn which class is passed as which.
 */
@NullMarked
package dev.weft.recorder;

import org.jspecify.annotations.NullMarked;
