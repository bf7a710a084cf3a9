"""What a reader sees before Gradio has started: the same panels, filled by the page's own script."""
