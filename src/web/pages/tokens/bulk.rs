//! Several tokens at once: pausing them, and the pages that confirm revoking and renewing them.
