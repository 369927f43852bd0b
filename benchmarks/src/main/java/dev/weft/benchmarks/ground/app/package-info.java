/** What measured programs share: commands of their launcher, and load that is paced. */
@org.jspecify.annotations.NullMarked
package dev.weft.benchmarks.ground.app;
