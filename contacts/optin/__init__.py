"""People agree by themselves: public pages, codes, posters."""
