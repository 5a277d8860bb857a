"""Statistics on people exploited in human trafficking: returns in, protected tables and reports out."""

__version__ = "0.1.0"
__all__ = ["__version__"]
