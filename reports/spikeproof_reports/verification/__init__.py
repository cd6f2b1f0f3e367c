"""The verification report: the stored run, its verdict and first screen, tables and figures."""
