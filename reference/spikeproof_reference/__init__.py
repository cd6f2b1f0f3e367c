"""High-precision reference engines: other algorithms than the fast engines, any precision."""
