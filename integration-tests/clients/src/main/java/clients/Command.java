package clients;

import java.io.Serializable;

/** What the program is told. */
public sealed interface Command extends Serializable permits Order, Cancel {}
