/**
 * Runs in the build of the agent, on the classes that it brings: they lose what only debuggers
 * read, in packages that work at a start lambdas are folded and records written out, and those that
 * every start loads are packed together. See docs/decisions/0031-what-a-start-loads.md.
 */
@NullMarked
package dev.weft.packer;

import org.jspecify.annotations.NullMarked;
