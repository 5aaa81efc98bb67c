from review.models.decision import Decision, DecisionHistory, DecisionRefused
from review.models.preference import Preference

__all__ = ["Decision", "DecisionHistory", "DecisionRefused", "Preference"]
