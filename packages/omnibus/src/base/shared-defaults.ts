/** The largest message, in bytes of its payload as it travels, where nothing else is set: 1 MiB. */
export const defaultMessageBytes = 1_048_576;

/** How long the other side may take to say who it is, from the first moment on, where nothing else is set. */
export const defaultHandshakeMs = 10_000;
