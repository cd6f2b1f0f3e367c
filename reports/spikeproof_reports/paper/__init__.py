"""What every report is made of: tables, figures, text and numerals, their documents, and where numbers come from."""
