"""What nbval leaves out: pictures by what they draw and by hash, numbers within a tolerance that a cell's tag states.

Load with ``-p picture_plugin``. A cell tagged ``tolerance-1e-9`` may differ by that much, relative; no other may.
Everywhere a picture's table, axes, scales, labels and colours are compared, and the part that moved is named; its
bytes too on the system whose bytes are stored (Linux on x86_64).
"""

import base64
import copy
import hashlib
import platform
import re

from nbval.plugin import IPyNbCell

from platform_utils.verify.pictures import moved_pictures

PICTURE = re.compile(r"data:image/(?:png|svg\+xml);base64,([A-Za-z0-9+/=]+)")
NUMBER = re.compile(r"-?\d+(?:[.,]\d+)?(?:[eE][+-]?\d+)?")
TOLERANCE = re.compile(r"tolerance-(\d\S*)")
SAME_SYSTEM = (platform.system(), platform.machine()) == ("Linux", "x86_64")

_compare = IPyNbCell.compare_outputs


def pictures(outputs):
    """Return every picture as text, in order."""
    found = []
    for output in outputs:
        for kind, content in sorted(output.get("data", {}).items()):
            texts = PICTURE.findall(content) if isinstance(content, str) else []
            texts += [content] if kind.startswith("image/") and isinstance(content, str) else []
            found += texts
    return found


def hashes(texts):
    return [hashlib.sha256(text.encode()).hexdigest() for text in texts]


def decoded(texts):
    """Return pictures as bytes; one that is no longer what it was packed as, as it stands."""
    return [
        base64.b64decode(text) if len(text) % 4 == 0 and "<" not in text else text.encode() for text in texts
    ]


def within(text, reference, tolerance):
    """Return ``text`` with each number that is close enough to the reference's replaced by that."""
    wanted = NUMBER.findall(reference)
    if NUMBER.sub("#", text) != NUMBER.sub("#", reference):
        return text
    numbers = iter(wanted)

    def settle(found):
        expected = next(numbers)
        ours, theirs = float(found[0].replace(",", ".")), float(expected.replace(",", "."))
        return expected if abs(ours - theirs) <= tolerance * max(abs(ours), abs(theirs), 1.0) else found[0]

    return NUMBER.sub(settle, text)


def settle_outputs(outputs, reference, tolerance):
    """Apply `within` to every text of every output."""
    settled = copy.deepcopy(outputs)
    for output, stored in zip(settled, reference, strict=False):
        for kind, content in output.get("data", {}).items():
            if isinstance(content, str) and isinstance(stored.get("data", {}).get(kind), str):
                output["data"][kind] = within(content, stored["data"][kind], tolerance)
        if isinstance(output.get("text"), str) and isinstance(stored.get("text"), str):
            output["text"] = within(output["text"], stored["text"], tolerance)
    return settled


def compare_outputs(self, test, ref, skip_compare=None):
    """Compare as nbval does, then pictures by hash."""
    tags = self.cell.metadata.get("tags", [])
    stated = [found[1] for found in map(TOLERANCE.fullmatch, tags) if found]
    if stated:
        test = settle_outputs(test, ref, float(stated[0]))
    same = _compare(self, test, ref, skip_compare)
    now, stored = pictures(test), pictures(ref)
    moved = list(moved_pictures(decoded(stored), decoded(now)))
    if not moved and SAME_SYSTEM and hashes(now) != hashes(stored):
        moved = ["a picture has other bytes than the stored one"]
    self.comparison_traceback.extend(moved)
    return same and not moved


IPyNbCell.compare_outputs = compare_outputs
