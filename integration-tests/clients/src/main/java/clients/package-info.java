/**
 * A program that sends the requests it is ordered to, with one HTTP library, and reports what the
 * library showed it. {@link clients.Main} is the program, a {@link clients.Library} the library.
 * The records are what travels between it and whoever orders, by Java serialization.
 */
package clients;
