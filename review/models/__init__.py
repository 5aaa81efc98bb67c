from review.models.decision import Decision, DecisionRefused
from review.models.preference import Preference

__all__ = ["Decision", "DecisionRefused", "Preference"]
