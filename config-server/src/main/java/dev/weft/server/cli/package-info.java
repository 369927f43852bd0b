/**
 * The command line. {@link dev.weft.server.cli.WeftCommand} lists the commands; each is one class
 * that reads its options, does its work and returns the exit code: 0 done, 1 it went wrong or
 * something is wrong, 2 the command line itself is.
 */
@NullMarked
package dev.weft.server.cli;

import org.jspecify.annotations.NullMarked;
