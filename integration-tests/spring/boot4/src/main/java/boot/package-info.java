/**
 * A Spring Boot application as people write them: it serves ({@link boot.Answers}), and calls with
 * every client that Spring's users have ({@link boot.Client}) as it is told to ({@link
 * boot.Calls}). The same sources are built for Spring Boot 3 and 4.
 */
package boot;
