"""Spreadsheets, read row by row into people: pure, knows no model and no database.

sniffing   which format a file is, by content
text       csv and txt: encoding, separator, quotes
workbook   xlsx, xls and ods, read by calamine in a process of its own with limits
reading    one way to open any of them
header     which row names the columns, and what each column means
guessing   what columns look like that no title names: offered to a person
names      parts of a name in several columns
cells      one value: name, birth date, opt-in, tags
rows       one row: a person, a problem, or nothing
merging    rows of the same number become one person, chunk by chunk
dry_run    the whole file as a report, without a database
"""
