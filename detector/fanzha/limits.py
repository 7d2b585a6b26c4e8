"""Every limit of the library in one place; what a limit cut is named in `Verdict.skipped`."""

MAX_TURN_CHARS = 1_000_000  # code points of one turn that are read; the rest of the turn is skipped
MAX_TURNS = 100_000  # turns of one conversation
MAX_SIDES = 8  # unknown speakers that are each followed as a possible scammer
MAX_EVIDENCE_PER_SIGNAL = 6  # records kept of one signal in one stance
MAX_SUMS = 256  # amounts of a conversation that later ones are compared with
MAX_ENTITIES = 64  # entities listed in a verdict
TAIL_CHARS = 48  # unfinished end of a speaker's turn that his next turn is read with
QUIET_TURNS = 16  # turns before the first hit that are searched for amounts once there is one
