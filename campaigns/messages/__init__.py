"""What is written: variables, a contact's data, templates, the text that goes out."""
