import type { LaterRow } from "./row.ts";

/** Rows of the battery that wait for parts that are not built: named, so that nobody takes them for done. */
export const laterRows: readonly LaterRow[] = [
  {
    name: "server-kill",
    what: "kill -9 of the server under load, QoS 1: 0 acknowledged messages lost",
    needs: "durable topics (a log on disk)",
  },
  {
    name: "disk-faults",
    what: "disk full, EIO, one failing fsync",
    needs: "durable topics (a log on disk)",
  },
  {
    name: "lying-disk",
    what: "every state that a power loss may leave opens with every receipt in it",
    needs: "durable topics (a log on disk)",
  },
  {
    name: "flipped-bytes",
    what: "a changed byte anywhere in the data folder is found or named",
    needs: "durable topics (a log on disk)",
  },
  {
    name: "master-kill",
    what: "kill -9 of the IPC master: never two, a new one within 1 s",
    needs: "one bus without a server (IPC)",
  },
  {
    name: "stopped-processes",
    what: "SIGSTOP of server, master, lease holder: sessions resume or say gap",
    needs: "sessions that survive, IPC, leases",
  },
  {
    name: "partition",
    what: "partition and heal, 5 network namespaces: routes settle within 1 s",
    needs: "routing between peers",
  },
  {
    name: "leases",
    what: "random renew, stop, pause, clock jumps: never early, at most 50 ms late",
    needs: "the directory",
  },
  {
    name: "simulator",
    what: "7 nodes, all faults, 60 simulated seconds: every invariant, the same trace twice",
    needs: "routing between peers, the simulator",
  },
  {
    name: "limited-peer",
    what: "a peer limited to a/** that tries all else",
    needs: "routing between peers (today everybody is a leaf)",
  },
  {
    name: "zero-rtt-replays",
    what: "0-RTT data is acted on at most once",
    needs: "Noise (sessions that survive)",
  },
  {
    name: "authentication-matrix-later-verbs",
    what: "since, observe, group, durable, dead letter, serve, request, reply-to",
    needs: "those verbs",
  },
  {
    name: "linearizability",
    what: "registry, leases and current values are linearizable per key",
    needs: "the directory",
  },
];
