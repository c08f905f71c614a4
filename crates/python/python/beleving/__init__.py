"""Reads customer messages as the customer lived them, and flags interactions likely to leave a bad experience.

>>> from beleving import Scorer
>>> scores = Scorer().score(["Waar blijft mijn pakket? Dit is de derde keer dat ik het vraag."])
>>> scores.to_pandas()[["risk", "flagged"]]          # or to_polars(), to_arrow(), to_list()

The model comes with the package; no network is touched. Message text never appears in an error.
"""

from beleving._beleving import BelevingError, __version__
from beleving._results import ResultStream, Results
from beleving._scorer import Scorer

__all__ = ["BelevingError", "ResultStream", "Results", "Scorer", "__version__"]
