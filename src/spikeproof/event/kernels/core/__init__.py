"""The data that all passes of the event engine share: the network in tables, the tape, working memory, arrivals."""
