"""Forms made from parameters' declarations: those of node types and those of pipelines."""

from ui.forms.form import ParamsForm
from ui.forms.parameters import schema_of

__all__ = ["ParamsForm", "schema_of"]
