/** Ordinary programs that the stories run under the agent; they know nothing of Weft. */
package app;
