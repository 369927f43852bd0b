package dev.weft.agent.balance;

/** A fast hash of texts that is the same in every process; no defence against collisions. */
final class Hash {
  private static final long FNV_OFFSET = 0xcbf29ce484222325L;
  private static final long FNV_PRIME = 0x100000001b3L;

  private Hash() {}

  /** FNV-1a, then mixed, because short texts leave FNV's upper bits alike. */
  static long of(String text) {
    long hash = FNV_OFFSET;
    for (int i = 0; i < text.length(); i++) {
      hash = (hash ^ text.charAt(i)) * FNV_PRIME;
    }
    return mixed(hash);
  }

  /** The nth hash that follows from one. */
  static long of(long hash, int n) {
    return mixed(hash + n * 0x9e3779b97f4a7c15L);
  }

  /** SplitMix64's finaliser: every bit depends on every bit. */
  private static long mixed(long hash) {
    long mixed = (hash ^ (hash >>> 30)) * 0xbf58476d1ce4e5b9L;
    mixed = (mixed ^ (mixed >>> 27)) * 0x94d049bb133111ebL;
    return mixed ^ (mixed >>> 31);
  }
}
