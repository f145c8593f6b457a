"""Named facts read off a case: what messages to the developer and features of the model are made of."""

from runfree.evidence.rules import evidence
from runfree.evidence.similarity import similarity

__all__ = ["evidence", "similarity"]
