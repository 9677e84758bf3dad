"""How much of a stranger's file is read before it is refused."""

MAX_BYTES = 150 * 1024 * 1024
MAX_ROWS = 2_000_000
MAX_COLUMNS = 200

# A zip's own word on what it holds, checked before anything is unpacked.
MAX_UNPACKED_BYTES = 1536 * 1024 * 1024
MAX_ZIP_RATIO = 250
MAX_ZIP_ENTRIES = 10_000

# For the process that reads a workbook: 1,000,000 rows take 0.5 GB and 10 s.
READER_MEMORY_BYTES = 1536 * 1024 * 1024
READER_CPU_SECONDS = 180

HEADER_SEARCH_ROWS = 100
