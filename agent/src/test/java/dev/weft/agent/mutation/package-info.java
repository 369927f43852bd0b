/**
 * Proves that the tests of docs/reliability.md test: {@code mvn -Pmutation -pl agent -am verify}
 * takes each protection of the tables there away, one by one, and runs the test that is named for
 * it. A {@link dev.weft.agent.mutation.Mutant} is a small change of a source file, in {@code
 * agent/src/mutation}; {@link dev.weft.agent.mutation.Mutants} is the program.
 */
package dev.weft.agent.mutation;
