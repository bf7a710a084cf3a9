"""Charts: Plotly figures as plain dicts, and the component that redraws them in place."""
