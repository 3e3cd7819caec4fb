"""Files that were written are read again as a student reads them, and what they say is compared with differences."""
