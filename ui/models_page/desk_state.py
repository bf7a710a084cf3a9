"""What has the reader asked for in this tab? An order that waits for a yes, or what came of the last one."""

from dataclasses import dataclass

from candlecast.errors import CandlecastError
from candlecast.schemas import ModelDetail
from ui.models_page.changing import asking_panel, changing_panel, told_panel
from ui.models_page.orders import Order
from ui.models_page.shelf import Shelf


@dataclass(frozen=True, slots=True)
class DeskState:
    """Where the desk of this tab stands; a refresh of the page must not take a question away.

    Parameters
    ----------
    order : Order or None
        What was asked for last.
    about : ModelDetail or None
        The model that it is about.
    result : ModelDetail, CandlecastError or None
        What came of it; None while it waits for a yes.
    shown : str
        Id of the model on show then; with another one on show the state is over.
    """

    order: Order | None = None
    about: ModelDetail | None = None
    result: ModelDetail | CandlecastError | None = None
    shown: str = ""

    def panel(self, shelf: Shelf, model: ModelDetail | None) -> str:
        """Return the value of the panel of what serves, with `model` on show."""
        if self.order is None or self.about is None or model is None or model.id != self.shown:
            return changing_panel(shelf, model)
        if self.result is not None:
            return told_panel(self.order, self.result)
        return asking_panel(shelf, self.order, self.about)
