/**
 * The services of the chaos story and their customer; ordinary programs that know nothing of Weft.
 */
package app.chaos;
