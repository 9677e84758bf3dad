"""How much of a stranger's file is read before it is refused."""

MAX_BYTES = 150 * 1024 * 1024
MAX_ROWS = 2_000_000
MAX_COLUMNS = 200
MAX_SHEETS = 100
MAX_SHEET_NAME = 120  # letters; Excel allows 31

# A cell is cut to so many letters where it is read: more than anything that is kept of one.
MAX_CELL = 2_000
# Letters of one record of a text file, whose quotes may hold any number of lines.
MAX_RECORD = 4 * 1024 * 1024

# A zip's own word on what it holds, checked before anything is unpacked. Workbooks that say where each
# cell stands unpack 40 times at most.
MAX_UNPACKED_BYTES = 1536 * 1024 * 1024
MAX_ZIP_RATIO = 250
MAX_ZIP_PART = 1024 * 1024  # bytes below which one part may unpack as far as it likes
MAX_ZIP_ENTRIES = 10_000

# For the process that reads a workbook: 1,000,000 rows (a file of 40 MB) take 0.5 GB and 10 s. How much
# it may take grows with the file, so that a few KB can't take gigabytes.
READER_MEMORY_BYTES = 1536 * 1024 * 1024
READER_MEMORY_LEAST = 256 * 1024 * 1024
READER_MEMORY_PER_BYTE = 40
READER_CPU_SECONDS = 180
# One message of the reader is a batch of rows, or one row of MAX_COLUMNS cells.
BATCH_ROWS = 1_000
BATCH_LETTERS = 1024 * 1024
MAX_MESSAGE = 16 * 1024 * 1024

# For the step of a worker that reads or writes an import, on top of what the worker has already.
IMPORT_MEMORY_BYTES = 512 * 1024 * 1024
# Of processor: a worker that the cluster ended would be given the same file again, for ever. 2,000,000
# rows of five columns take 40.
IMPORT_CPU_SECONDS = 600
# Of a chunk: one of long cells ends before its rows are full.
CHUNK_LETTERS = 12 * 1024 * 1024
CELL_LETTERS = 16  # what an empty cell counts for

HEADER_SEARCH_ROWS = 100
