package clients;

import java.io.Serializable;

/** What the program reports. */
public sealed interface Message extends Serializable permits Heard, Outcome {
  /** The order's. */
  long id();
}
