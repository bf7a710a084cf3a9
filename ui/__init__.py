"""The Gradio page: HTTP only, in its own process."""
