"""The building blocks of every report: tables, figures, text, numerals, documents and provenance."""
