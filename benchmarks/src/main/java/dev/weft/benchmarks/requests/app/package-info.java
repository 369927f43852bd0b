/** The measured client: one library under load. It knows nothing of Weft. */
@org.jspecify.annotations.NullMarked
package dev.weft.benchmarks.requests.app;
