/** What all connections of the JSON adapter did so far; a composition root shows it as metrics. */
export class JsonStats {
  /** Connections open now. */
  connections = 0;
  /** Messages published by clients. */
  published = 0;
  /** Messages sent to clients, repetitions included. */
  delivered = 0;
  /** Messages not sent because a connection's queue was full; each connection counts for itself. */
  dropped = 0;
  /** QoS 1 messages sent again because no acknowledgement came in time. */
  resent = 0;
  /** QoS 1 messages that were not acknowledged after the last repetition. */
  givenUp = 0;
  /** Error replies. */
  errors = 0;
  /** `login` and `auth` commands that failed. */
  failedLogins = 0;
}
