/** First byte of a publisher's connection to the plain forwarder. */
export const ROLE_PUBLISHER = "P";
/** First byte of a subscriber's connection; the forwarder answers with the same byte. */
export const ROLE_SUBSCRIBER = "S";
/** The environment variable that names the fault of the faulty forwarder. */
export const FAULT_VARIABLE = "OMNIBUS_BENCH_FAULT";
