package dev.weft.instrumentation.httpclient5;

/** How a client's pool names and shares what it dials. */
enum PoolKind {
  /** One request at a time; a target's own address is dialled, its name is only a name. */
  CONNECTIONS,
  /** HTTP/2 sessions that requests share; a target's name is always resolved. */
  SESSIONS
}
