"""The attacker: what a reader can work out from everything published, found without the protector's code."""

from platform_utils.protect.attacker.attack import (
    Finding,
    Target,
    attack,
    believable,
    exposure,
    hidden_targets,
    strictest,
    true_targets,
)
from platform_utils.protect.attacker.joint import put_together
from platform_utils.protect.attacker.rings import close_rings
from platform_utils.protect.attacker.seen import Seen, SeenTable, Share, see_table
from platform_utils.protect.attacker.world import Group, Number, World, group_at

__all__ = [
    "Finding",
    "Group",
    "Number",
    "Seen",
    "SeenTable",
    "Share",
    "Target",
    "World",
    "attack",
    "believable",
    "close_rings",
    "exposure",
    "group_at",
    "hidden_targets",
    "put_together",
    "see_table",
    "strictest",
    "true_targets",
]
