/**
 * What every woven HTTP client must do, told as stories that run against each {@link
 * dev.weft.it.contract.Library}: the real agent jar in a real JVM, the library at its oldest and
 * newest version, each JDK.
 *
 * <p>{@link dev.weft.it.contract.ClientContract} has the stories, by theme in interfaces. One class
 * per library inherits it. A {@link dev.weft.it.contract.World} is what they share: the backends,
 * scripted to the byte, one folder of policy in which every story has Services of its own, and the
 * program ({@code clients.Main}) that sends what a story orders. What is missing is said by {@link
 * dev.weft.it.contract.NotYet} and by the library's gaps.
 */
package dev.weft.it.contract;
