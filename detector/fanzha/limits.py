"""Every limit of the library in one place; what a limit cut is named in `Verdict.skipped`."""

MAX_TURN_CHARS = 1_000_000  # code points of one turn that are read; the rest of the turn is skipped
MAX_TURNS = 100_000  # turns of one conversation
MAX_SIDES = 8  # unknown speakers that are each followed as a possible scammer
MAX_EVIDENCE_PER_SIGNAL = 6  # records kept of one signal in one stance
MAX_SUMS = 256  # amounts of a conversation that later ones are compared with
MAX_ENTITIES = 64  # entities listed in a verdict
TAIL_CHARS = 48  # unfinished end of a speaker's turn that his next turn is read with
QUIET_TURNS = 16  # turns before the first hit that are searched for amounts once there is one
QUIET_CHARS = 800  # code points of each of them that are searched

# Files. JSON may be nested 200 deep, which is the limit of its parser.
HEAD_BYTES = 64 * 1024  # from which the format is told
MAX_DOCUMENT_BYTES = 64_000_000  # a file that must be read as a whole: JSON, XML, plain text (its labels are found so)
MAX_MESSAGES = 1_000_000  # messages of one export of chats, which are held until they are in order
MAX_SHUFFLED_BYTES = 32_000_000  # a table in which the rows of a conversation may stand anywhere
MAX_VALUES = 5_000_000  # values of one JSON document
MAX_REPR_CHARS = 4_000_000  # code points of a Python list that somebody printed into a file
MAX_LINE_CHARS = 8_000_000  # code points of one line of a file that is read line by line
MAX_UNPACKED_BYTES = 512_000_000  # a spreadsheet, unpacked
