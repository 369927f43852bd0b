/** An agent that sets the clock of a JVM, for stories in which somebody does. */
package app.clock;
