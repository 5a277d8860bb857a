"""Link: persons whom two members may have met.

Enters and leaves: ``schemas.clean.CleanYear``. Nothing is ever removed.
"""

from platform_utils.link.duplicates import flag_duplicates

__all__ = ["flag_duplicates"]
